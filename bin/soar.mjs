#!/usr/bin/env node
import { register } from 'tsx/cjs/api';

register();
const { createRequire } = await import('node:module');
createRequire(import.meta.url)('../cli/main.ts');
