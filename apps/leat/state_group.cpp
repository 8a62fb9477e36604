#include <leat/apps/leat/command_groups.hpp>

#include <leat/apps/leat/checkpoint_options.hpp>
#include <leat/apps/leat/leat_command.hpp>
#include <leat/apps/leat/output_file.hpp>
#include <leat/apps/leat/state_commands.hpp>

namespace leat::cli {

namespace {

constexpr command_option key{"--key", "KEY", "Entries of this key."};
constexpr command_option key_prefix{"--key-prefix", "TEXT", "Entries whose key begins with this."};
constexpr command_option key_from{"--key-from", "KEY", "Entries whose key is this or greater."};
constexpr command_option key_to{"--key-to", "KEY", "Entries whose key is smaller."};
constexpr command_option window_start{
  "--window-start", "TIME", "Entries whose window begins then; times are ISO-8601 or milliseconds since 1970."};
constexpr command_option window_end{"--window-end", "TIME", "Entries whose window ends then."};
constexpr command_option window_at{"--window-at", "TIME", "Entries whose window has this time in it."};
constexpr command_option limit{"--limit", "N", "At most so many."};
constexpr command_option output{
  "--output", "FILE", "Into a file, which has its name once it is whole; default standard output."};

state_query query_of(const invocation& i) {
  state_query q{i.words[1], i.words[2]};
  q.conditions = {
    i.text(key),
    i.text(key_prefix),
    i.text(key_from),
    i.text(key_to),
    i.value<timestamp>(window_start),
    i.value<timestamp>(window_end),
    i.value<timestamp>(window_at)};
  q.limit = i.value<std::uint64_t>(limit).value_or(all_entries);
  return q;
}

int list(const invocation& i) {
  list_states(view_of(i), i.out, i.json());
  return command_done;
}

int get(const invocation& i) {
  auto query = query_of(i);
  query.conditions.key = i.words[3];
  return get_state(view_of(i), query, i.out, i.json()) == 0 ? command_no_key : command_done;
}

int scan(const invocation& i) {
  scan_state(view_of(i), query_of(i), i.out, i.json());
  return command_done;
}

int export_all(const invocation& i) {
  const auto word = [&](std::size_t n) { return i.words.size() > n ? i.words[n] : std::string{}; };
  const auto view = view_of(i);
  const auto write = [&](const text_sink& out) { export_states(view, word(1), word(2), out); };
  const auto to = i.text(output);
  if (!to || to->empty()) {
    write(i.out);
    return command_done;
  }
  output_file file{*to};
  write([&](std::string_view text) { file.write(text); });
  file.finish();
  return command_done;
}

} // namespace

command_group state_group() {
  return {
    "state",
    "State of jobs, running or stopped; a running job does not notice",
    "PATH is a job's state directory, or a file with a retained checkpoint or a savepoint. STEP is a step's uid or name. "
    "A KEY is JSON, by the type of the state's keys; text, times and names of enums also without quotes. What begins with "
    "a dash and is no number stands behind `--`.",
    {{"list",
      1,
      1,
      "PATH",
      "Steps, their states, types of keys and values, entries, and bytes of those. The file is larger: it also has pages "
      "that "
      "are free for the next checkpoint.",
      {json_option, checkpoint_option, max_age_option},
      list},
     {"get",
      4,
      4,
      "PATH STEP STATE KEY",
      "The value of one key; of states by window, one for each.",
      {json_option, window_start, window_end, window_at, checkpoint_option, max_age_option},
      get},
     {"scan",
      3,
      3,
      "PATH STEP STATE",
      "Entries, those that its options choose.",
      {key, key_prefix, key_from, key_to, window_start, window_end, window_at, limit, json_option, checkpoint_option,
       max_age_option},
      scan},
     {"export",
      1,
      3,
      "PATH [STEP [STATE]]",
      "All entries as JSON, one a line.",
      {output, checkpoint_option, max_age_option},
      export_all}}};
}

} // namespace leat::cli
