// The name behind a fence comes in, a mode of CodeMirror (JupyterLab's own editor) goes out: the languages that people
// see in answers of language models, by all the names that are in use.
import { c, cpp, csharp, dart, java, kotlin, objectiveC, scala } from "@codemirror/legacy-modes/mode/clike";
import { cmake } from "@codemirror/legacy-modes/mode/cmake";
import { css, less, sCSS } from "@codemirror/legacy-modes/mode/css";
import { diff } from "@codemirror/legacy-modes/mode/diff";
import { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
import { go } from "@codemirror/legacy-modes/mode/go";
import { haskell } from "@codemirror/legacy-modes/mode/haskell";
import { javascript, json, typescript } from "@codemirror/legacy-modes/mode/javascript";
import { julia } from "@codemirror/legacy-modes/mode/julia";
import { lua } from "@codemirror/legacy-modes/mode/lua";
import { octave } from "@codemirror/legacy-modes/mode/octave";
import { perl } from "@codemirror/legacy-modes/mode/perl";
import { powerShell } from "@codemirror/legacy-modes/mode/powershell";
import { properties } from "@codemirror/legacy-modes/mode/properties";
import { protobuf } from "@codemirror/legacy-modes/mode/protobuf";
import { cython, python } from "@codemirror/legacy-modes/mode/python";
import { r } from "@codemirror/legacy-modes/mode/r";
import { ruby } from "@codemirror/legacy-modes/mode/ruby";
import { rust } from "@codemirror/legacy-modes/mode/rust";
import { shell } from "@codemirror/legacy-modes/mode/shell";

import { stex } from "@codemirror/legacy-modes/mode/stex";
import { swift } from "@codemirror/legacy-modes/mode/swift";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { html, xml } from "@codemirror/legacy-modes/mode/xml";
import { yaml } from "@codemirror/legacy-modes/mode/yaml";
import type { StreamParser } from "@codemirror/streamparser";

import { embed, session } from "./mixed";
import { sql } from "./sql";

type Mode = StreamParser<unknown>;

const LANGUAGES: readonly [mode: Mode, names: string][] = [
  [python, "python py python3 py3 ipython gyp sage"],
  [session(python, /^(?:>>>|\.\.\.|In \[\d+\]:) ?/u), "pycon python-console doctest"],
  [cython, "cython pyx"],
  [javascript, "javascript js jsx mjs cjs node ecmascript"],
  [typescript, "typescript ts tsx mts cts"],
  [json, "json jsonc json5 jsonl ndjson geojson ipynb"],
  [shell, "bash sh shell zsh fish ksh shellscript"],
  [session(shell, /^(?:[\w.@:~/()[\] -]{0,60}[$#%]|>)(?: |$)/u), "console terminal shell-session sh-session bash-session"],
  [embed(html, { script: javascript, style: css }), "html htm xhtml vue svelte"],
  [xml, "xml svg rss atom xsd xsl plist mathml"],
  [css, "css"],
  [sCSS, "scss sass"],
  [less, "less"],
  [sql, "sql mysql postgresql postgres psql sqlite plsql tsql mssql bigquery duckdb hive spark-sql"],
  [c, "c h"],
  [cpp, "cpp c++ cc cxx hpp hxx hh cuda cu arduino ino"],
  [csharp, "csharp cs c# dotnet"],
  [java, "java groovy"],
  [kotlin, "kotlin kt kts"],
  [scala, "scala sbt"],
  [dart, "dart"],
  [objectiveC, "objective-c objectivec objc"],
  [go, "go golang"],
  [rust, "rust rs"],
  [r, "r rscript splus"],
  [julia, "julia jl"],
  [yaml, "yaml yml"],
  [toml, "toml"],
  [properties, "ini properties cfg conf dotenv env"],
  [dockerFile, "dockerfile docker containerfile"],
  [cmake, "cmake"],
  [diff, "diff patch udiff"],
  [ruby, "ruby rb rake gemfile"],
  [perl, "perl pl"],
  [lua, "lua luau"],
  [swift, "swift"],
  [powerShell, "powershell posh pwsh ps1 ps"],
  [octave, "matlab octave"],
  [haskell, "haskell hs"],
  [stex, "latex tex bibtex stex"],
  [protobuf, "protobuf proto"],
];

const BY_NAME = new Map(LANGUAGES.flatMap(([mode, names]) => names.split(" ").map((name) => [name, mode] as const)));

/** The mode of `language`, in any case; undefined for one that has none here. */
export function modeOf(language: string): Mode | undefined {
  return BY_NAME.get(language.toLowerCase());
}
