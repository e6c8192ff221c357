// Runs after `npm install` and `npm ci`: npm links the commands of packages, not those of the project itself.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const commands = join(import.meta.dirname ?? '.', '..', 'node_modules', '.bin');
mkdirSync(commands, { recursive: true });
rmSync(join(commands, 'soar'), { force: true });
symlinkSync(join('..', '..', 'bin', 'soar.mjs'), join(commands, 'soar'));
