/**
 * `completion`: a script by which a shell completes commands, options and their values. It is written to a file once, in a project
 * that has the package: `npx` where a shell starts would look for a package of this name on the registry.
 */
import type { Command } from 'commander';
import type { ExitCode, Terminal } from '../terminal';

export interface CompletionOptions {
  readonly shell: 'bash' | 'zsh' | 'fish';
}

interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly { readonly long: string; readonly description: string }[];
  /** What can stand in the place of an argument, where that is known. */
  readonly values: readonly string[];
}

export async function run({ shell }: CompletionOptions, terminal: Terminal, program: Command): Promise<ExitCode> {
  const commands = program.createHelp().visibleCommands(program).map(describe);
  const script = { bash, zsh, fish }[shell](program.name(), commands);
  terminal.json({ shell, script });
  if (!terminal.isJson) await terminal.write(script);
  return 0;
}

function describe(command: Command): Completed {
  const options = command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ long, description }] : []));
  const values = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return { name: command.name(), description: command.description(), options, values };
}

const wordsOf = ({ options, values }: Completed): string => [...values, ...options.map(({ long }) => long)].join(' ');

/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
function bash(name: string, commands: readonly Completed[]): string {
  const cases = commands.map((command) => `    ${command.name}) words='${wordsOf(command)}' ;;\n`).join('');
  return `# In a project that has the package: npx ${name} completion bash > ~/.local/share/${name}.bash
# In ~/.bashrc: [ -r ~/.local/share/${name}.bash ] && . ~/.local/share/${name}.bash
[ -n "\${BASH_VERSION-}" ] || return 0
_cdk_lambda_streaming() {
  local i=0 words='${commands.map((command) => command.name).join(' ')}'
  while [ "$i" -lt "$COMP_CWORD" ] && [ "\${COMP_WORDS[i]}" != ${name} ]; do i=$((i + 1)); done
  [ "\${COMP_WORDS[i]}" = ${name} ] || return
  if [ "$COMP_CWORD" -gt $((i + 1)) ]; then
    case "\${COMP_WORDS[i + 1]}" in
${cases.replace(/^/gm, '  ').trimEnd()}
      *) words='' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _cdk_lambda_streaming ${name}
# Behind npx, unless its words are completed by another script.
complete -p npx >/dev/null 2>&1 || complete -o default -F _cdk_lambda_streaming npx
`;
}

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
function zsh(name: string, commands: readonly Completed[]): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''");
  const listed = commands.map((command) => `    '${command.name}:${quoted(command.description)}'\n`).join('');
  // Where a value is one of a few, files would only be in the way.
  const files = ({ values }: Completed) => (values.length === 0 ? '; _files' : '');
  const cases = commands
    .map((command) => `    ${command.name}) compadd -- ${wordsOf(command)}${files(command)} ;;\n`)
    .join('');
  return `#compdef ${name}
# In a project that has the package: npx ${name} completion zsh > ~/.local/share/${name}.zsh
# In ~/.zshrc, after compinit: [ -r ~/.local/share/${name}.zsh ] && . ~/.local/share/${name}.zsh
_cdk_lambda_streaming() {
  local -a commands=(
${listed.trimEnd()}
  )
  if ((CURRENT == 2)); then _describe command commands; return; fi
  case "$words[2]" in
${cases.trimEnd()}
  esac
}
if (($+functions[compdef])); then compdef _cdk_lambda_streaming ${name}; fi
`;
}

/** https://fishshell.com/docs/current/completions.html */
function fish(name: string, commands: readonly Completed[]): string {
  const quoted = (text: string) => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const lines = commands.flatMap((command) => [
    `complete -c ${name} -n __fish_use_subcommand -f -a ${command.name} -d '${quoted(command.description)}'`,
    ...command.values.map(
      (value) => `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}' -f -a ${value}`,
    ),
    ...command.options.map(
      ({ long, description }) =>
        `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}' -l ${long.slice(2)} -d '${quoted(description)}'`,
    ),
  ]);
  return `# In a project that has the package: npx ${name} completion fish > ~/.config/fish/completions/${name}.fish\n${lines.join('\n')}\n`;
}
