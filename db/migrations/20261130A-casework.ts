import type { Knex } from '../connect';

const ID = 'VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const SHA256_HEX = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';
const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC';

const TABLES = [
  `CREATE TABLE IF NOT EXISTS suppressions (
    id ${ID} NOT NULL PRIMARY KEY,
    alert_type VARCHAR(24) NULL,
    observable TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    rule TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    source VARCHAR(255) NULL,
    reason TEXT NOT NULL,
    created_by VARCHAR(190) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    removed_by VARCHAR(190) NULL,
    removed_at DATETIME(6) NULL,
    KEY by_end (removed_at, expires_at),
    KEY by_created (created_at, id)
  )`,
  // what another tool is still to be told
  `CREATE TABLE IF NOT EXISTS notices (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    incident_id ${ID} NOT NULL,
    event_key VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    event LONGTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    delivered_at DATETIME(6) NULL,
    UNIQUE KEY by_event (incident_id, event_key),
    KEY by_delivered (delivered_at, id),
    FOREIGN KEY (incident_id) REFERENCES incidents (id)
  )`,
];

/** What analysts do with an incident, and by when; what they know already; reports for tickets. */
export async function up(knex: Knex): Promise<void> {
  for (const statement of TABLES) await knex.raw(`${statement} ${TABLE_OPTIONS}`);
  // one statement a table: all of its columns are there, or none is
  if (!(await knex.schema.hasColumn('incidents', 'status_by'))) {
    await knex.raw(`ALTER TABLE incidents
      ADD COLUMN status_by VARCHAR(190) NULL,
      ADD COLUMN hold LONGTEXT NULL,
      ADD COLUMN suppressed_by ${ID} NULL,
      ADD COLUMN sla LONGTEXT NULL,
      ADD COLUMN sla_breached TINYINT(1) NOT NULL DEFAULT 0,
      ADD COLUMN ack_due DATETIME(6) NULL,
      ADD COLUMN close_due DATETIME(6) NULL,
      ADD COLUMN acknowledged_at DATETIME(6) NULL,
      ADD COLUMN closed_at DATETIME(6) NULL,
      ADD COLUMN paused_at DATETIME(6) NULL,
      ADD COLUMN paused_ms BIGINT UNSIGNED NOT NULL DEFAULT 0,
      ADD KEY by_sla_breached (sla_breached, created_at, id),
      ADD KEY by_ack_due (acknowledged_at, paused_at, ack_due, id),
      ADD KEY by_close_due (paused_at, close_due, id),
      ADD KEY by_suppressed (suppressed_by, created_at, id),
      ADD KEY by_resolution (resolution, created_at, id)`);
  }
  if (!(await knex.schema.hasColumn('reports', 'author'))) {
    await knex.raw(`ALTER TABLE reports
      ADD COLUMN markdown LONGTEXT NULL,
      ADD COLUMN author VARCHAR(190) NULL,
      ADD COLUMN reason TEXT NULL,
      ADD COLUMN verdict VARCHAR(16) NULL,
      ADD COLUMN status VARCHAR(16) NULL,
      ADD COLUMN policy ${SHA256_HEX} NULL,
      ADD COLUMN policy_version TEXT NULL`);
  }
}
