import type { StatePaths } from '../config/home';
import type { StackEnv } from '../config/stack';
import type { RememberedPorts } from './ports';
import type { Supervisor } from './supervise';

/** What every part of one bring-up shares. */
export interface StackContext {
  env: StackEnv;
  paths: StatePaths;
  supervisor: Supervisor;
  ports: RememberedPorts;
  /** False gives up safety against power loss for speed: for data that nobody keeps. */
  durable: boolean;
}
