import type { Knex } from '../connect';

/**
 * One statement per table, indexes included: each is atomic on MySQL 8 and MariaDB, and a migration that was killed
 * half-way is simply run again.
 *
 * Ids, keys and values are `utf8mb4_bin`: they compare byte by byte. What is unique but may be longer than an index is
 * unique by its SHA-256. JSON is LONGTEXT, because a JSON column reorders keys on one database and is text on the other.
 */
const ID = 'VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const EXACT_TEXT = 'TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const KEY = 'VARCHAR(700) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const SHA256_HEX = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';

/** What an investigation rests on months later: written once, never changed. */
const EVIDENCE = [
  `CREATE TABLE IF NOT EXISTS audit_chains (
    name ${ID} NOT NULL PRIMARY KEY,
    seq INT UNSIGNED NOT NULL,
    hash BINARY(32) NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS raw_documents (
    sha256 BINARY(32) NOT NULL PRIMARY KEY,
    media_type VARCHAR(255) NOT NULL,
    body LONGBLOB NOT NULL,
    created_at DATETIME(6) NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS action_log (
    chain ${ID} NOT NULL,
    seq INT UNSIGNED NOT NULL,
    incident_id ${ID} NULL,
    action_key ${KEY} NOT NULL,
    at DATETIME(6) NOT NULL,
    action VARCHAR(64) NOT NULL,
    status VARCHAR(16) NOT NULL,
    actor VARCHAR(190) NOT NULL,
    provider VARCHAR(64) NULL,
    observable TEXT NULL,
    failures INT UNSIGNED NOT NULL,
    duration_ms INT UNSIGNED NOT NULL,
    summary TEXT NOT NULL,
    detail LONGTEXT NOT NULL,
    raw_sha256 BINARY(32) NULL,
    workflow_run_id VARCHAR(64) NOT NULL,
    prev_hash BINARY(32) NOT NULL,
    hash BINARY(32) NOT NULL,
    PRIMARY KEY (chain, seq),
    UNIQUE KEY (chain, action_key),
    FOREIGN KEY (chain) REFERENCES audit_chains (name),
    FOREIGN KEY (raw_sha256) REFERENCES raw_documents (sha256)
  )`,
];

const INCIDENTS = [
  `CREATE TABLE IF NOT EXISTS incidents (
    id ${ID} NOT NULL PRIMARY KEY,
    version INT UNSIGNED NOT NULL,
    status VARCHAR(16) NOT NULL,
    resolution VARCHAR(24) NULL,
    alert_type VARCHAR(24) NOT NULL,
    severity VARCHAR(16) NOT NULL,
    severity_rank TINYINT UNSIGNED NOT NULL,
    source VARCHAR(255) NOT NULL,
    title VARCHAR(500) NOT NULL,
    assignee VARCHAR(190) NULL,
    analyst_notes LONGTEXT NOT NULL,
    verdict VARCHAR(16) NOT NULL,
    verdict_state VARCHAR(16) NOT NULL,
    score INT NULL,
    complete TINYINT(1) NOT NULL,
    decision LONGTEXT NULL,
    verdict_override LONGTEXT NULL,
    classification LONGTEXT NOT NULL,
    correlation LONGTEXT NULL,
    alert_count INT UNSIGNED NOT NULL,
    unprocessed INT UNSIGNED NOT NULL,
    first_seen DATETIME(6) NOT NULL,
    last_seen DATETIME(6) NOT NULL,
    run_no INT UNSIGNED NOT NULL,
    claimed_by VARCHAR(64) NULL,
    round INT UNSIGNED NOT NULL,
    settled_round INT UNSIGNED NOT NULL,
    score_key VARCHAR(64) NULL,
    policy_id ${SHA256_HEX} NULL,
    site_id ${SHA256_HEX} NULL,
    restarts LONGTEXT NOT NULL,
    next_check_at DATETIME(6) NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    KEY by_created (created_at, id),
    KEY by_verdict (verdict, created_at, id),
    KEY by_severity (severity, created_at, id),
    KEY by_status (status, created_at, id),
    KEY by_alert_type (alert_type, created_at, id),
    KEY by_source (source, created_at, id),
    KEY by_assignee (assignee, created_at, id),
    KEY by_complete (complete, created_at, id),
    KEY by_last_seen (last_seen, id),
    KEY by_score (score, id),
    KEY by_severity_rank (severity_rank, id),
    KEY by_updated (updated_at, id),
    KEY by_title (title(100)),
    KEY by_next_check (next_check_at)
  )`,
  `CREATE TABLE IF NOT EXISTS alerts (
    id ${ID} NOT NULL PRIMARY KEY,
    incident_id ${ID} NOT NULL,
    source VARCHAR(255) NOT NULL,
    source_alert_id TEXT NULL,
    identity BINARY(32) NOT NULL,
    identity_until DATETIME(6) NULL,
    format VARCHAR(64) NOT NULL,
    event_time DATETIME(6) NOT NULL,
    received_at DATETIME(6) NOT NULL,
    fields LONGTEXT NOT NULL,
    extra LONGTEXT NOT NULL,
    classification LONGTEXT NOT NULL,
    raw_sha256 BINARY(32) NOT NULL,
    processed TINYINT(1) NOT NULL,
    UNIQUE KEY by_identity (identity),
    KEY by_incident (incident_id, received_at, id),
    FOREIGN KEY (incident_id) REFERENCES incidents (id),
    FOREIGN KEY (raw_sha256) REFERENCES raw_documents (sha256)
  )`,
  `CREATE TABLE IF NOT EXISTS observables (
    incident_id ${ID} NOT NULL,
    observable_hash BINARY(32) NOT NULL,
    value_hash BINARY(32) NOT NULL,
    position INT UNSIGNED NOT NULL,
    type VARCHAR(16) NOT NULL,
    value ${EXACT_TEXT} NOT NULL,
    roles TEXT NOT NULL,
    flags TEXT NOT NULL,
    PRIMARY KEY (incident_id, observable_hash),
    KEY by_value (value_hash, incident_id),
    FOREIGN KEY (incident_id) REFERENCES incidents (id)
  )`,
  `CREATE TABLE IF NOT EXISTS enrichments (
    incident_id ${ID} NOT NULL,
    source VARCHAR(64) NOT NULL,
    observable_hash BINARY(32) NOT NULL,
    observable ${EXACT_TEXT} NOT NULL,
    action_key ${KEY} NOT NULL,
    state VARCHAR(16) NOT NULL,
    until DATETIME(6) NULL,
    summary TEXT NOT NULL,
    facts LONGTEXT NULL,
    at DATETIME(6) NOT NULL,
    PRIMARY KEY (incident_id, source, observable_hash),
    KEY by_state (state, until),
    FOREIGN KEY (incident_id) REFERENCES incidents (id)
  )`,
  `CREATE TABLE IF NOT EXISTS reports (
    incident_id ${ID} NOT NULL,
    version INT UNSIGNED NOT NULL,
    html LONGTEXT NOT NULL,
    json LONGTEXT NOT NULL,
    head_seq INT UNSIGNED NOT NULL,
    head_hash BINARY(32) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (incident_id, version),
    FOREIGN KEY (incident_id) REFERENCES incidents (id)
  )`,
];

const KNOWLEDGE = [
  `CREATE TABLE IF NOT EXISTS iocs (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    type VARCHAR(16) NOT NULL,
    value ${EXACT_TEXT} NOT NULL,
    ioc_hash BINARY(32) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    UNIQUE KEY by_ioc (ioc_hash)
  )`,
  `CREATE TABLE IF NOT EXISTS ioc_sightings (
    ioc_id BIGINT UNSIGNED NOT NULL,
    source VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    confidence TINYINT UNSIGNED NOT NULL,
    first_seen DATETIME(6) NOT NULL,
    last_seen DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NULL,
    tlp VARCHAR(16) NULL,
    tags TEXT NOT NULL,
    reference TEXT NULL,
    PRIMARY KEY (ioc_id, source),
    FOREIGN KEY (ioc_id) REFERENCES iocs (id) ON DELETE CASCADE
  )`,
  `CREATE TABLE IF NOT EXISTS policies (
    id ${SHA256_HEX} NOT NULL PRIMARY KEY,
    kind VARCHAR(16) NOT NULL,
    content LONGTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS api_keys (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(190) NOT NULL,
    role VARCHAR(32) NOT NULL,
    key_hash BINARY(32) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    last_used_at DATETIME(6) NULL,
    revoked_at DATETIME(6) NULL,
    UNIQUE KEY by_key (key_hash)
  )`,
];

const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC';

export async function up(knex: Knex): Promise<void> {
  for (const statement of [...EVIDENCE, ...INCIDENTS, ...KNOWLEDGE]) await knex.raw(`${statement} ${TABLE_OPTIONS}`);
}

/** Schemas only go forward: a backup is the way back. */
export function down(): Promise<void> {
  return Promise.reject(new Error('Migrations are forward only; restore a backup instead'));
}
