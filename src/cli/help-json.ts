/** `--help --json`: what commands, arguments and options there are, for programs. */
import type { Command, Help } from 'commander';

export function helpAsJson(command: Command, helper: Help): string {
  const commands = helper
    .visibleCommands(command)
    .map((each) => ({ name: each.name(), description: each.description() }));
  const help = {
    name: command.name(),
    usage: helper.commandUsage(command),
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      description: argument.description,
      required: argument.required,
      ...(argument.argChoices && { choices: argument.argChoices }),
    })),
    options: helper
      .visibleOptions(command)
      .map(({ flags, long, description, defaultValue, argChoices, mandatory }) => ({
        name: long,
        flags,
        description,
        required: mandatory,
        ...(defaultValue !== undefined && { default: defaultValue }),
        ...(argChoices && { choices: argChoices }),
      })),
    ...(commands.length > 0 && { commands }),
  };
  return `${JSON.stringify(help)}\n`;
}
