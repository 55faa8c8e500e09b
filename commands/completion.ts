import { textArg } from '../src/cli/declarations.js';
import type { Host } from '../src/cli/base/host.js';
import {
  answerShell,
  completionScript,
  parseShell,
  shells,
} from '../src/cli/repl/shell-completion.js';
import { StoreCommand } from '../src/cli/store-command.js';
import type { Token } from '../src/cli/tokens.js';

export default class Completion extends StoreCommand {
  static override summary = 'Print a script by which a shell completes commands, options and keys.';
  static override description =
    'Keys are those of the store that the line names by --dir, else of $TIMEKV_DIR or the default one. Times are completed too, among them those of the newest versions of the key.';
  static override examples = [
    'eval "$(<%= config.bin %> completion bash)"',
    'eval "$(<%= config.bin %> completion zsh)"',
    '<%= config.bin %> completion fish | source',
  ];
  static override args = {
    shell: textArg({ required: true, description: shells.join(', ') }),
  };
  static override choices = { shell: shells };

  override start(host: Host, tokens: readonly Token[]): Promise<void> {
    const [shell, hyphens, ...words] = tokens.map(String);
    if (hyphens !== '--') return super.start(host, tokens);
    return answerShell(parseShell(shell ?? ''), words, host);
  }

  override async run(): Promise<void> {
    const { args } = this.readTokens(Completion);
    const shell = parseShell(args.shell);
    const script = completionScript(shell);
    if (this.isJson) await this.printJson({ shell, script });
    else await this.host.output.write(script);
  }
}
