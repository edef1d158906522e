// SQL without a dialect: the words that several databases share, and those of newer standards that CodeMirror's own
// standard mode does not have (window functions, WITH, MERGE, JSON).
import { sql as mode } from "@codemirror/legacy-modes/mode/sql";

const KEYWORDS =
  "all alter analyze and any as asc autoincrement auto_increment begin between by cascade case check collate column comment commit " +
  "constraint create cross current_date current_time current_timestamp database declare default delete desc describe distinct do drop " +
  "each else elsif end escape except exec execute exists explain fetch filter first following for foreign from full function grant " +
  "group grouping having if ilike in index inner insert intersect interval into is join key language last lateral left like limit " +
  "loop materialized merge natural next no not nulls of offset on only or order outer over partition preceding primary procedure " +
  "qualify range recursive references rename replace restrict return returning returns revoke right rollback row rows schema select " +
  "sequence set sets show similar some start table temp temporary then to top transaction trigger truncate unbounded union unique " +
  "unnest update use using values view when where while window with within without work";
const TYPES =
  "array bigint bigserial binary bit blob bool boolean bytea char character date datetime dec decimal double float int integer json " +
  "jsonb long money nchar numeric nvarchar precision real serial smallint string struct text time timestamp timestamptz tinyint " +
  "uuid varbinary varchar varying xml year";

const set = (words: string): Record<string, boolean> => Object.fromEntries(words.split(" ").map((word) => [word, true]));

export const sql = mode({
  keywords: set(KEYWORDS),
  builtin: set(TYPES),
  atoms: set("false true null unknown"),
  support: set("doubleQuote binaryNumber hexNumber"),
});
