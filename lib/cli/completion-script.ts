/** Completion scripts made from the commands as they are: complete at once, without starting Node at each key. Pure. */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  readonly word: string;
  readonly about: string;
}

/** Of one command: by its path, as `events list`; '' is the program. */
interface Place {
  readonly path: string;
  readonly words: readonly Word[];
}

export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, []);
  if (shell === 'fish') return fish(program.name(), places);
  return shell === 'zsh' ? zsh(program.name(), places) : bash(program.name(), places);
}

function placesOf(command: Command, path: readonly string[]): readonly Place[] {
  const commands = command.commands.map((each) => ({ word: each.name(), about: each.description() }));
  const options = command.options.flatMap(({ long, description }: Option) => (long ? [{ word: long, about: description }] : []));
  const words = [...commands, ...options, { word: '--help', about: 'what there is' }];
  return [{ path: path.join(' '), words }, ...command.commands.flatMap((each) => placesOf(each, [...path, each.name()]))];
}

/**
 * Knows where it is by the words before the cursor that are no options; those that name no command are arguments.
 * Most people type `npx` before it: of what else npx starts it leaves the words alone.
 */
function bash(name: string, places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    '${path}') words='${words.map(({ word }) => word).join(' ')}' ;;`);
  const known = places.map(({ path }) => `'${path}'`).join('|');
  return `# bash completion of ${name}
_${name}_complete() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path='' next words i=1
  if [[ \${COMP_WORDS[0]##*/} == npx ]]; then
    while ((i < COMP_CWORD)) && [[ \${COMP_WORDS[i]} != ${name} ]]; do ((i++)); done
    ((i++ < COMP_CWORD)) || return
  fi
  for ((; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case $next in
    ${known}) path=$next ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${name}_complete ${name} npx
`;
}

function zsh(name: string, places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => {
    const described = words.map(({ word, about }) => quoted(`${word}:${about}`));
    return `    ${quoted(path)}) words_=(${described.join(' ')}) ;;`;
  });
  const known = places.map(({ path }) => quoted(path)).join('|');
  return `#compdef ${name} npx
_${name}() {
  local where='' next
  local -i i=2
  local -a words_
  if [[ \${words[1]:t} == npx ]]; then
    i=\${words[(i)${name}]}
    if ((i >= CURRENT)); then _default; return; fi
    i+=1
  fi
  for ((; i < CURRENT; i++)); do
    next="\${where:+$where }\${words[i]}"
    case $next in
    ${known}) where=$next ;;
    esac
  done
  case $where in
${cases.join('\n')}
  esac
  _describe '${name}' words_ || _files
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name} npx; fi
`;
}

function fish(name: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const inner = places.filter((place) => place.path !== path && place.path.startsWith(path === '' ? '' : `${path} `));
    const depth = path === '' ? 0 : path.split(' ').length;
    const below = inner.flatMap((place) => place.path.split(' ').slice(depth, depth + 1));
    const here = path
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const not = below.length > 0 ? [`not __fish_seen_subcommand_from ${[...new Set(below)].join(' ')}`] : [];
    const when = [...here, ...not].join('; and ') || 'true';
    return words.flatMap(({ word, about }) => {
      const what = `${word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`} -d ${quoted(about)}`;
      const behindNpx = `__fish_seen_subcommand_from ${name}; and ${when}`;
      return [`complete -c ${name} -n ${quoted(when)} ${what}`, `complete -c npx -n ${quoted(behindNpx)} ${what}`];
    });
  });
  return `# fish completion of ${name}\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", `'\\''`)}'`;
}
