import type { Knex } from '../connect';

const ID = 'VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const SHA256_HEX = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';
const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC';

const TABLES = [
  `CREATE TABLE IF NOT EXISTS rescores (
    id ${ID} NOT NULL PRIMARY KEY,
    state VARCHAR(16) NOT NULL,
    requested_by VARCHAR(190) NOT NULL,
    applied_by VARCHAR(190) NULL,
    filter LONGTEXT NOT NULL,
    reopen TINYINT(1) NOT NULL,
    policy_id ${SHA256_HEX} NULL,
    site_id ${SHA256_HEX} NULL,
    position ${ID} NOT NULL,
    compared INT UNSIGNED NOT NULL,
    failed INT UNSIGNED NOT NULL,
    failures LONGTEXT NOT NULL,
    changes INT UNSIGNED NOT NULL,
    applied INT UNSIGNED NOT NULL,
    skipped INT UNSIGNED NOT NULL,
    check_at DATETIME(6) NULL,
    created_at DATETIME(6) NOT NULL,
    compared_at DATETIME(6) NULL,
    expires_at DATETIME(6) NULL,
    finished_at DATETIME(6) NULL,
    KEY by_check (check_at)
  )`,
  `CREATE TABLE IF NOT EXISTS rescore_changes (
    rescore_id ${ID} NOT NULL,
    incident_id ${ID} NOT NULL,
    score_key VARCHAR(64) NOT NULL,
    old_verdict VARCHAR(16) NOT NULL,
    new_verdict VARCHAR(16) NOT NULL,
    old_score INT NOT NULL,
    new_score INT NOT NULL,
    old_outcome VARCHAR(16) NOT NULL,
    new_outcome VARCHAR(16) NOT NULL,
    old_complete TINYINT(1) NOT NULL,
    new_complete TINYINT(1) NOT NULL,
    why TEXT NOT NULL,
    effect VARCHAR(24) NOT NULL,
    applied_at DATETIME(6) NULL,
    skipped TEXT NULL,
    tell_at DATETIME(6) NULL,
    PRIMARY KEY (rescore_id, incident_id),
    KEY by_tell (tell_at),
    FOREIGN KEY (rescore_id) REFERENCES rescores (id),
    FOREIGN KEY (incident_id) REFERENCES incidents (id)
  )`,
];

/** Jobs that judge past incidents anew, and which of those that closed themselves need a second look. */
export async function up(knex: Knex): Promise<void> {
  for (const statement of TABLES) await knex.raw(`${statement} ${TABLE_OPTIONS}`);
  if (!(await knex.schema.hasColumn('incidents', 'flagged'))) {
    // one statement: column and index are there, or neither is
    await knex.raw(`ALTER TABLE incidents
      ADD COLUMN flagged VARCHAR(500) NULL,
      ADD KEY by_flagged (flagged(8), created_at, id)`);
  }
}
