#include <leat/apps/leat/leat_command.hpp>

#include <leat/apps/leat/checkpoint_place.hpp>
#include <leat/apps/leat/output_file.hpp>
#include <leat/apps/leat/savepoint_commands.hpp>
#include <leat/apps/leat/state_commands.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/base/version.hpp>
#include <leat/connectors/formats/encoded_json.hpp>
#include <leat/pipeline/argument_parser.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace leat::cli {

namespace {

constexpr std::string_view help = R"(Usage: leat COMMAND PATH [ARGUMENT...] [OPTION...]
Looks into the checkpoints of jobs, running or stopped; a running job does not notice.
PATH is a job's state directory, or a file with a retained checkpoint or a savepoint.

State
  leat state list PATH                         Steps, their states, types of keys and values, entries, bytes
  leat state get PATH STEP STATE KEY           The value of one key
  leat state scan PATH STEP STATE              Entries, those that the options below choose
  leat state export PATH [STEP [STATE]]        All entries as JSON, one a line

Checkpoints
  leat savepoint create DIRECTORY              Has the running job take one, and says where it is; with --stop it is
                                               the job's last
  leat savepoint list DIRECTORY                The last checkpoint and those retained
  leat savepoint inspect PATH                  Job, steps, types, positions of the sources, epochs to be written
  leat savepoint verify PATH                   Reads everything, of a directory all checkpoints; says what is damaged
  leat savepoint delete DIRECTORY NUMBER...    Deletes retained checkpoints. `last` for a number: the one that the job
                                               goes on from, once the job is stopped. It begins without state then. If an
                                               exactly-once sink has written, it is refused: until kafka.allow-duplicates is
                                               set, or a sink to files has another folder
  leat savepoint delete FILE                   Deletes a file with a checkpoint

STEP is a step's uid or name. A KEY is JSON, by the type of the state's keys; text, times and names of enums also without
quotes. What begins with a dash and is no number stands behind `--`.

Options
  --json                  JSON instead of tables
  --checkpoint N          This one of a directory; default the last
  --max-age TIME          How long a running job's checkpoint is read at most, as it makes the job's file grow; default 10min
  --stop                  create: stops the job, which finishes what it has read
  --output FILE           export: into a file, which has its name once it is whole; default standard output

Options of scan; of get, those of windows
  --key KEY               Entries of this key
  --key-prefix TEXT       … whose key begins with this
  --key-from KEY          … whose key is this or greater
  --key-to KEY            … whose key is smaller
  --window-start TIME     … whose window begins then; times are ISO-8601 or milliseconds since 1970
  --window-end TIME       … whose window ends then
  --window-at TIME        … whose window has this time in it
  --limit N               At most so many

  --help, -h              This text
  --version               The version

Exit codes
  0    done; verify: everything is whole
  1    something is damaged, or could not be read or written
  2    wrong arguments, or there is no such file, directory, checkpoint, step or state
  3    get: the key has no value
)";

struct options {
  bool json = false;
  bool help = false;
  bool version = false;
  bool stop = false;
  std::string checkpoint, max_age, output, limit;
  std::string key, key_prefix, key_from, key_to, window_start, window_end, window_at;
  std::vector<std::string> given; // names of those with a value
};

struct invocation {
  std::vector<std::string> words; // behind the command: path, …
  options given;
  const text_sink& out;
};

struct command {
  std::string_view group, verb;
  std::size_t least, most; // words
  std::string_view usage;
  std::vector<std::string_view> options; // of those with a value
  int (*run)(const invocation&);
};

template <class T>
T value_of(std::string_view option, const std::string& text) {
  try {
    return decoded<T>(encoded_from_json(encoded_type_of<T>(), text));
  } catch (const config_error& e) {
    throw config_error{fmt::format("{}: {}", option, e.what())};
  }
}

std::optional<std::uint64_t> number_of(std::string_view option, const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{value_of<std::uint64_t>(option, text)};
}

std::optional<timestamp> time_of(std::string_view option, const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{value_of<timestamp>(option, text)};
}

duration max_age_of(const options& o) {
  const auto age = o.max_age.empty() ? default_reading_time : value_of<duration>("--max-age", o.max_age);
  if (age <= duration::zero())
    throw config_error{fmt::format("--max-age: {} is no time to read anything in", o.max_age)};
  return age;
}

checkpoint_place place_of(const invocation& i) {
  return find_checkpoint(i.words[0], number_of("--checkpoint", i.given.checkpoint));
}

checkpoint_view view_of(const invocation& i) { return place_of(i).open(max_age_of(i.given)); }

state_query query_of(const invocation& i) {
  const auto& o = i.given;
  state_query q{i.words[1], i.words[2]};
  const auto given = [&](std::string_view name, const std::string& text) {
    const bool is = std::find(o.given.begin(), o.given.end(), name) != o.given.end();
    return is ? std::optional{text} : std::nullopt;
  };
  q.conditions = {
    given("--key", o.key),
    given("--key-prefix", o.key_prefix),
    given("--key-from", o.key_from),
    given("--key-to", o.key_to),
    time_of("--window-start", o.window_start),
    time_of("--window-end", o.window_end),
    time_of("--window-at", o.window_at)};
  q.limit = number_of("--limit", o.limit).value_or(all_entries);
  return q;
}

int state_list(const invocation& i) {
  list_states(view_of(i), i.out, i.given.json);
  return command_done;
}

int state_get(const invocation& i) {
  auto query = query_of(i);
  query.conditions.key = i.words[3];
  return get_state(view_of(i), query, i.out, i.given.json) == 0 ? command_no_key : command_done;
}

int state_scan(const invocation& i) {
  scan_state(view_of(i), query_of(i), i.out, i.given.json);
  return command_done;
}

int state_export(const invocation& i) {
  const auto word = [&](std::size_t n) { return i.words.size() > n ? i.words[n] : std::string{}; };
  const auto view = view_of(i);
  const auto write = [&](const text_sink& out) { export_states(view, word(1), word(2), out); };
  if (i.given.output.empty()) {
    write(i.out);
    return command_done;
  }
  output_file file{i.given.output};
  write([&](std::string_view text) { file.write(text); });
  file.finish();
  return command_done;
}

int savepoint_create(const invocation& i) {
  create_savepoint(i.words[0], i.given.stop, i.out, i.given.json);
  return command_done;
}

int savepoint_list(const invocation& i) {
  list_checkpoints(i.words[0], i.out, i.given.json);
  return command_done;
}

int savepoint_inspect(const invocation& i) {
  const auto place = place_of(i);
  inspect_checkpoint(place, place.open(max_age_of(i.given)), i.out, i.given.json);
  return command_done;
}

int savepoint_verify(const invocation& i) {
  const bool all = i.given.checkpoint.empty() && std::filesystem::is_directory(i.words[0]);
  const auto places = all ? all_checkpoints(i.words[0]) : std::vector{place_of(i)};
  return verify_checkpoints(places, max_age_of(i.given), i.out, i.given.json) ? command_done : command_failed;
}

int savepoint_delete(const invocation& i) {
  const auto& path = i.words[0];
  if (i.words.size() == 1) {
    if (std::filesystem::is_directory(path))
      throw config_error{fmt::format("{}: which one? Numbers of retained checkpoints, or `last`", path)};
    const auto place = find_checkpoint(path, std::nullopt);
    if (!place.copy)
      throw config_error{fmt::format(
        "{}: is what the job goes on from: `leat savepoint delete {} last` deletes it, once the job is stopped; --help "
        "says how the "
        "job begins then",
        path, place.directory)};
    delete_checkpoint(place);
    return command_done;
  }
  std::vector<checkpoint_place> places; // all of them before the first is deleted
  for (auto word = i.words.begin() + 1; word != i.words.end(); ++word) {
    const bool last = *word == "last";
    places.push_back(find_checkpoint(path, last ? std::nullopt : number_of("NUMBER", *word)));
    if (!last && !places.back().copy)
      throw config_error{fmt::format(
        "{}: checkpoint {} is not retained, it is the one that the job goes on from: `leat savepoint delete {} last` "
        "deletes it, once the job is stopped; --help says how the job begins then",
        path, *word, path)};
  }
  for (const auto& place : places)
    delete_checkpoint(place);
  return command_done;
}

const std::vector<command>& commands() {
  static const std::vector<command> all{
    {"state", "list", 1, 1, "PATH", {"--checkpoint", "--max-age"}, state_list},
    {"state",
     "get",
     4,
     4,
     "PATH STEP STATE KEY",
     {"--checkpoint", "--max-age", "--window-start", "--window-end", "--window-at"},
     state_get},
    {"state",
     "scan",
     3,
     3,
     "PATH STEP STATE",
     {"--checkpoint", "--max-age", "--key", "--key-prefix", "--key-from", "--key-to", "--window-start", "--window-end",
      "--window-at", "--limit"},
     state_scan},
    {"state", "export", 1, 3, "PATH [STEP [STATE]]", {"--checkpoint", "--max-age", "--output"}, state_export},
    {"savepoint", "create", 1, 1, "DIRECTORY", {}, savepoint_create},
    {"savepoint", "list", 1, 1, "DIRECTORY", {}, savepoint_list},
    {"savepoint", "inspect", 1, 1, "PATH", {"--checkpoint", "--max-age"}, savepoint_inspect},
    {"savepoint", "verify", 1, 1, "PATH", {"--checkpoint", "--max-age"}, savepoint_verify},
    {"savepoint", "delete", 1, 1'000'000, "DIRECTORY NUMBER...", {}, savepoint_delete}};
  return all;
}

std::vector<std::string> parse(std::span<const std::string> arguments, options& o) {
  argument_parser parser;
  parser.flag("--json", o.json);
  parser.flag("-h,--help", o.help);
  parser.flag("--version", o.version);
  parser.flag("--stop", o.stop);
  const std::pair<const char*, std::string*> with_value[] = {
    {"--checkpoint", &o.checkpoint},
    {"--max-age", &o.max_age},
    {"--output", &o.output},
    {"--limit", &o.limit},
    {"--key", &o.key},
    {"--key-prefix", &o.key_prefix},
    {"--key-from", &o.key_from},
    {"--key-to", &o.key_to},
    {"--window-start", &o.window_start},
    {"--window-end", &o.window_end},
    {"--window-at", &o.window_at}};
  for (const auto& [name, out] : with_value)
    parser.each(name, [name = std::string{name}, out = out, &o](const std::string& value) {
      if (std::find(o.given.begin(), o.given.end(), name) != o.given.end())
        throw config_error{fmt::format("{} is given twice", name)};
      o.given.push_back(name);
      *out = value;
    });
  return parser.parse(arguments);
}

const command& find_command(const std::vector<std::string>& words) {
  const auto asked = words.empty() ? "" : words.size() == 1 ? words[0] : words[0] + ' ' + words[1];
  std::vector<std::string> names;
  for (const auto& c : commands()) {
    names.push_back(fmt::format("{} {}", c.group, c.verb));
    if (names.back() == asked)
      return c;
  }
  std::vector<std::string> verbs;
  for (const auto& c : commands())
    if (c.group == asked)
      verbs.emplace_back(c.verb);
  if (!verbs.empty())
    throw config_error{fmt::format("leat {} what? {}; --help says what each does", asked, fmt::join(verbs, ", "))};
  const auto nearest = nearest_name(asked, names);
  throw config_error{
    asked.empty() ? "which command? --help lists them"
                  : fmt::format(
                      "unknown command '{}'; {}", asked,
                      nearest.empty() ? "--help lists them" : fmt::format("did you mean '{}'?", nearest))};
}

void refuse_wrong_use(const command& c, const std::vector<std::string>& words, const options& o) {
  if (words.size() < c.least || words.size() > c.most)
    throw config_error{fmt::format("leat {} {} wants: {}", c.group, c.verb, c.usage)};
  for (const auto& name : o.given)
    if (std::find(c.options.begin(), c.options.end(), name) == c.options.end())
      throw config_error{fmt::format("{} is no option of leat {} {}", name, c.group, c.verb)};
  if (o.stop && c.run != savepoint_create)
    throw config_error{fmt::format("--stop is no option of leat {} {}", c.group, c.verb)};
}

int run(std::span<const std::string> arguments, const text_sink& out) {
  options o;
  auto words = parse(arguments, o);
  if (o.help || o.version) {
    out(o.help ? std::string{help} : fmt::format("leat {}\n", version));
    return command_done;
  }
  const auto& c = find_command(words);
  words.erase(words.begin(), words.begin() + 2);
  refuse_wrong_use(c, words, o);
  return c.run({std::move(words), std::move(o), out});
}

} // namespace

int run_leat_command(std::span<const std::string> arguments, const text_sink& out, const text_sink& err) {
  try {
    return run(arguments, out);
  } catch (const config_error& e) {
    err(fmt::format("leat: {}\n", e.what()));
    return command_usage;
  } catch (const view_too_old& e) {
    err(fmt::format(
      "leat: {}; --max-age allows more, `leat savepoint list` shows retained ones, which may be read for ever\n",
      e.what()));
  } catch (const std::exception& e) {
    err(fmt::format("leat: {}\n", e.what()));
  }
  return command_failed;
}

} // namespace leat::cli
