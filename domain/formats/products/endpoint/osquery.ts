import { product } from '../../format';
import { matched, when } from '../../readings';
import { either, shape } from '../../recognise';
import { textAt } from '../../paths';

export const osquery = product({
  name: 'osquery',
  title: 'osquery results log',
  reference: 'https://osquery.readthedocs.io/en/stable/deployment/logging/',
  recognise: either(shape(['name', 'action', 'columns']), shape(['name', 'hostIdentifier', 'columns'])),
  fields: {
    timestamp: ['unixTime', 'calendarTime'],
    title: 'name',
    rule_name: 'name',
    hostname: ['hostIdentifier', 'decorations.hostname'],
    src_ip: when(({ fields }) => /log|last/i.test(textAt(fields, 'name') ?? ''), 'columns.host'),
    dest_ip: 'columns.remote_address',
    dest_port: 'columns.remote_port',
    username: ['columns.user', 'columns.username'],
    file_name: ['columns.path', 'columns.target_path'],
    process: ['columns.name', 'columns.path'],
    command_line: ['columns.command', 'columns.cmdline'],
    file_hashes: ['columns.sha256', 'columns.sha1', 'columns.md5'],
    event_class: matched('name', /^(?:pack[/_][^/]{1,60}?[/_])?(.{1,100})$/),
  },
});
