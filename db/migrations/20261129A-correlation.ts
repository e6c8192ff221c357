import type { Knex } from '../connect';

const ID = 'VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC';

const TABLES = [
  // one row a key: the lock under which it is decided what an alert of that key joins
  `CREATE TABLE IF NOT EXISTS correlation_keys (
    key_hash BINARY(32) NOT NULL PRIMARY KEY
  )`,
  // a key has had several incidents in the course of time, and a merged incident has several keys
  `CREATE TABLE IF NOT EXISTS correlations (
    key_hash BINARY(32) NOT NULL,
    incident_id ${ID} NOT NULL,
    linked_at DATETIME(6) NOT NULL,
    PRIMARY KEY (key_hash, incident_id),
    KEY by_linked (key_hash, linked_at),
    FOREIGN KEY (incident_id) REFERENCES incidents (id)
  )`,
];

/** What alerts join by, which of them say the same, and what incidents have to do with each other. */
export async function up(knex: Knex): Promise<void> {
  for (const statement of TABLES) await knex.raw(`${statement} ${TABLE_OPTIONS}`);
  // one statement a table: all of its columns are there, or none is
  if (!(await knex.schema.hasColumn('incidents', 'outcomes'))) {
    await knex.raw(`ALTER TABLE incidents
      ADD COLUMN outcomes VARCHAR(255) NULL,
      ADD COLUMN severity_by VARCHAR(190) NULL,
      ADD COLUMN related LONGTEXT NULL`);
  }
  if (!(await knex.schema.hasColumn('alerts', 'says'))) {
    await knex.raw(`ALTER TABLE alerts
      ADD COLUMN says BINARY(32) NULL,
      ADD COLUMN joined TINYINT(1) NOT NULL DEFAULT 0,
      ADD KEY by_says (incident_id, says, received_at)`);
  }
}
