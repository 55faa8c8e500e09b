/**
 * Completion in a shell. The script that `timekv completion SHELL` prints asks
 * `timekv completion SHELL -- WORD…` for candidates, a line each, so that a shell knows what the REPL
 * knows, and a new version of timekv needs no new script.
 */
import { usageError } from '../base/cli-error.js';
import { commandNames } from '../command-table.js';
import { wordsOf } from './command-words.js';
import { candidatesFor, type Vocabulary } from './completion.js';
import type { Host } from '../base/host.js';
import { declarationsOf } from './line-look.js';
import { bashTyped, expandedPath, shellWords } from './shell-words.js';
import type { StoreAccess } from '../base/store-access.js';
import { storeDirectory } from '../base/store-directory.js';
import { timeContext } from '../time/time-context.js';

/** Longest wait for another process: who presses Tab wants to type on. */
const busyTimeoutMs = 500;

const scripts = {
  bash: `# Completion of timekv in bash. In ~/.bashrc: eval "$(timekv completion bash)"
_timekv() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(timekv completion bash -- "\${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
}
complete -o default -F _timekv timekv
`,
  zsh: `#compdef timekv
# Completion of timekv in zsh. In ~/.zshrc, after compinit: eval "$(timekv completion zsh)"
_timekv() {
  local -a found
  found=("\${(@f)$(timekv completion zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then
    compadd -- "\${found[@]}"
  else
    _files
  fi
}
compdef _timekv timekv
`,
  fish: `# Completion of timekv in fish. In ~/.config/fish/config.fish: timekv completion fish | source
function __timekv_complete
  set -l words (commandline -opc)
  set -l found (timekv completion fish -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c timekv -f -a '(__timekv_complete)'
`,
};

export type Shell = keyof typeof scripts;
export const shells = Object.keys(scripts) as Shell[];

export function completionScript(shell: Shell): string {
  return scripts[shell];
}

/** Reads the name of a shell. */
export function parseShell(text: string): Shell {
  const shell = shells.find((name) => name === text);
  if (shell === undefined) throw usageError(`${JSON.stringify(text)}: write ${shells.join(', ')}`);
  return shell;
}

const vocabulary: Vocabulary = {
  commands: () => [...commandNames(), 'help'].toSorted(),
  topics: () => [...commandNames(), 'time'],
  hasOption: () => true,
};

/** Answers a script of ours. Where something goes wrong there are no candidates. */
export async function answerShell(
  shell: Shell,
  asked: readonly string[],
  host: Host,
): Promise<void> {
  const found = await (shell === 'bash' ? forBash : forWords)(asked, host).catch(() => []);
  // What has a line end in it cannot be told in a line.
  const lines = found.filter((text) => !/\p{Cc}/u.test(text));
  await host.output.write(lines.map((text) => `${text}\n`).join(''));
  await host.output.flush();
}

/** The words after `timekv`, up to the one that is being typed; that one may still have its quotes. */
async function forWords(asked: readonly string[], host: Host): Promise<string[]> {
  const [last] = shellWords(asked.at(-1) ?? '');
  const word = last?.text ?? '';
  const { candidates, kept } = await candidatesOf([...asked.slice(0, -1), word], host);
  return candidates.map((text) => word.slice(0, kept) + text);
}

/**
 * Bash tells the line, and what it takes for the last word: it breaks words at `:` and `=` too, and
 * wants only what comes behind those.
 */
async function forBash([line = '', current = '']: readonly string[], host: Host) {
  const [, ...words] = shellWords(line);
  const last = words.at(-1);
  if (last === undefined) return [];
  const { candidates, kept } = await candidatesOf(
    words.map(({ text }) => text),
    host,
  );
  const before = last.typed.slice(0, last.typed.length - current.length);
  return candidates
    .map((text) => bashTyped(last.text.slice(0, kept) + text, last.open))
    .filter((typed) => typed.startsWith(before))
    .map((typed) => typed.slice(before.length));
}

async function candidatesOf(words: readonly string[], host: Host) {
  const { environment } = host;
  const options = await writtenOptions(words);
  const opened: StoreAccess[] = [];
  try {
    return await candidatesFor(words, vocabulary, {
      store: async () => {
        const store = await openStore(options.get('dir'), environment);
        opened.push(store);
        return store;
      },
      times: (store) => timeContext(store, options.get('tz'), environment),
    });
  } finally {
    for (const store of opened) await store.close();
  }
}

async function writtenOptions([verb = '', ...rest]: readonly string[]) {
  if (!commandNames().includes(verb)) return new Map<string, string>();
  return wordsOf(rest.slice(0, -1), await declarationsOf(verb)).options;
}

async function openStore(
  dir: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<StoreAccess> {
  const { open } = await import('../../index.js');
  const path = storeDirectory(dir && expandedPath(dir, environment), environment);
  return open(path, {
    create: false,
    readOnly: true,
    busyTimeout: busyTimeoutMs,
    codec: 'bytes',
  });
}
