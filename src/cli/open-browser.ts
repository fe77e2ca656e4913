/** Opens the console in the user's browser. Its address holds a secret, which the arguments of a process would tell everybody. */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onProcessEnd } from '../local/exit-cleanup';
import { privateFolder } from './private-folder';

/** @returns what removes the page that leads there */
export function openBrowser(url: string, onProblem: (problem: string) => void): () => void {
  const file = join(privateFolder(), `console-${process.pid}.html`);
  const page = `<!doctype html><title>Console</title><meta http-equiv='refresh' content='0; url=${url}'><a href='${url}'>Console</a>\n`;
  const remove = () => rmSync(file, { force: true });
  const forget = onProcessEnd(remove);
  writeFileSync(file, page, { mode: 0o600 });
  const [command, ...args] = opener();
  const child = spawn(command, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  child.once('error', ({ message }) => onProblem(`no browser could be opened: ${message}; open the address above`));
  child.unref();
  return () => {
    remove();
    forget();
  };
}

/** `BROWSER` is how programs are told in terminals; else what the system opens pages with. */
function opener(): [command: string, ...args: string[]] {
  const { BROWSER: chosen = '' } = process.env;
  if (chosen !== '') return [chosen];
  if (process.platform === 'darwin') return ['open'];
  return process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
}
