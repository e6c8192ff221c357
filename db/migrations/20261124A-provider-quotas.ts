import type { Knex } from '../connect';

const EXACT_TEXT = 'TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC';

const TABLES = [
  `CREATE TABLE IF NOT EXISTS quotas (
    provider VARCHAR(64) NOT NULL PRIMARY KEY,
    profile LONGTEXT NULL,
    state LONGTEXT NOT NULL,
    silent_until DATETIME(6) NULL,
    silent_reason VARCHAR(255) NULL,
    strikes INT UNSIGNED NOT NULL,
    blocked LONGTEXT NULL,
    outcomes VARCHAR(100) NOT NULL,
    last_answer_at DATETIME(6) NULL,
    last_error LONGTEXT NULL,
    updated_at DATETIME(6) NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS answers (
    provider VARCHAR(64) NOT NULL,
    observable_hash BINARY(32) NOT NULL,
    observable ${EXACT_TEXT} NOT NULL,
    state VARCHAR(16) NULL,
    facts LONGTEXT NULL,
    summary TEXT NULL,
    raw_sha256 BINARY(32) NULL,
    answered_at DATETIME(6) NULL,
    fresh_until DATETIME(6) NULL,
    flight VARCHAR(64) NULL,
    flight_until DATETIME(6) NULL,
    error LONGTEXT NULL,
    error_at DATETIME(6) NULL,
    PRIMARY KEY (provider, observable_hash),
    FOREIGN KEY (raw_sha256) REFERENCES raw_documents (sha256)
  )`,
];

/** Quotas, answers that are shared between incidents, and who waits since when. */
export async function up(knex: Knex): Promise<void> {
  for (const statement of TABLES) await knex.raw(`${statement} ${TABLE_OPTIONS}`);
  if (!(await knex.schema.hasColumn('enrichments', 'since'))) {
    // one statement: both columns and the index are there, or none is
    await knex.raw(`ALTER TABLE enrichments
      ADD COLUMN since DATETIME(6) NULL,
      ADD COLUMN nudged_at DATETIME(6) NULL,
      ADD KEY by_waiting (source, state, since)`);
  }
  await knex.raw(`UPDATE enrichments SET since = at WHERE state = 'waiting' AND since IS NULL`);
}
