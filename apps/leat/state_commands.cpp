#include <leat/apps/leat/state_commands.hpp>

#include <leat/apps/leat/json_object.hpp>
#include <leat/apps/leat/steps_json.hpp>
#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

namespace leat::cli {

namespace {

using entry_visit = std::function<void(std::string_view key, std::string_view value)>;
using entry_source = std::function<std::uint64_t(const entry_visit&)>;

const stored_step& find_step(const checkpoint_manifest& manifest, const std::string& asked) {
  if (const auto* exact = manifest.step(asked))
    return *exact;
  const stored_step* found = nullptr;
  std::vector<std::string> names;
  for (const auto& s : manifest.steps) {
    if (s.name == asked && std::exchange(found, &s))
      throw config_error{
        fmt::format("several steps are named {}: ask for one by its uid, which `leat state list` shows", asked)};
    names.insert(names.end(), {s.uid, s.name});
  }
  if (found)
    return *found;
  const auto nearest = nearest_name(asked, names);
  throw config_error{fmt::format(
    "the checkpoint has no step {}; {}", asked,
    nearest.empty() ? "`leat state list` shows all" : fmt::format("did you mean {}?", nearest))};
}

const stored_state& find_state(const stored_step& step, const std::string& asked) {
  if (const auto* found = step.state(asked))
    return *found;
  std::vector<std::string> names;
  for (const auto& s : step.states)
    names.push_back(s.name);
  const auto nearest = nearest_name(asked, names);
  throw config_error{fmt::format(
    "step {} has no state {}; {}", step.name, asked,
    nearest.empty() ? "`leat state list` shows all" : fmt::format("did you mean {}?", nearest))};
}

/// One state of a checkpoint, and what of it is wanted.
class state_reader {
public:
  state_reader(
    const checkpoint_view& view, const stored_step& step, const stored_state& state, const entry_conditions& wanted)
    : view_{view}, step_{step}, state_{state}, types_{state}, filter_{wanted, types_, state.name} {}

  [[nodiscard]] const stored_types& types() const noexcept { return types_; }

  /// The entries that are wanted. @param limit at most so many. @returns how many there were.
  std::uint64_t read(const entry_visit& visit, std::uint64_t limit = all_entries) {
    found_ = 0;
    limit_ = limit;
    const auto groups = view_.groups(step_.uid);
    if (!filter_.key())
      return read(groups, visit);
    // Where the key should be; and everywhere else when it is not, as a step may file its keys otherwise.
    const auto likely = group_of_key(*types_.user_key_type(), *filter_.key(), view_.manifest().max_parallelism);
    std::vector<std::uint16_t> first;
    std::vector<std::uint16_t> others;
    for (const auto group : groups)
      (group == likely ? first : others).push_back(group);
    return read(first, visit) != 0 ? found_ : read(others, visit);
  }

  /// The same in the order of their keys, gathered in memory.
  std::uint64_t read_in_order(const entry_visit& visit) {
    std::vector<std::pair<std::string, std::string>> all;
    read([&](std::string_view key, std::string_view value) { all.emplace_back(key, value); });
    if (types_.key && has_order(*types_.key))
      std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
        return compare_keys(*types_.key, a.first, b.first) < 0;
      });
    for (const auto& [key, value] : all)
      visit(key, value);
    return all.size();
  }

private:
  std::uint64_t read(const std::vector<std::uint16_t>& groups, const entry_visit& visit) {
    const bool one_entry = filter_.key() && !types_.user_key;
    for (const auto group : groups) {
      if (found_ == limit_)
        break;
      if (!one_entry)
        view_.scan_group(step_.uid, state_.name, group, [&](const stored_entry& e) { return take(e.key, e.value, visit); });
      else if (const auto value = view_.get(step_.uid, state_.name, group, *filter_.key()))
        return take(*filter_.key(), *value, visit), found_;
    }
    return found_;
  }

  /// @returns whether more are wanted.
  bool take(std::string_view key, std::string_view value, const entry_visit& visit) {
    if (const auto shown = filter_.wanted(key, value)) {
      ++found_;
      visit(key, *shown);
    }
    return found_ != limit_;
  }

  const checkpoint_view& view_;
  const stored_step& step_;
  const stored_state& state_;
  stored_types types_;
  entry_filter filter_;
  std::uint64_t found_ = 0;
  std::uint64_t limit_ = all_entries;
};

/// Gathers what is written, and hands it on in large pieces.
class gathered_json {
public:
  explicit gathered_json(const text_sink& out) : out_{out} {}

  /// To be followed by `end_line`.
  [[nodiscard]] json_writer& line() noexcept { return to_; }

  void end_line() {
    to_.raw('\n');
    if (to_.text().size() > 64 * 1024)
      flush();
  }

  void flush() {
    out_(to_.text());
    to_.clear();
  }

private:
  const text_sink& out_;
  json_writer to_;
};

// What there is only one of has no key, what is only known to be there no value.
bool is_nothing(const encoded_type* type, std::string_view bytes) { return !type && bytes.empty(); }

void add_entry(
  json_object& to, json_writer& json, const stored_types& types, std::string_view key, std::string_view value) {
  if (!is_nothing(types.key.get(), key))
    to.at("key"), write_json(json, types.key.get(), key);
  if (!is_nothing(types.value.get(), value))
    to.at("value"), write_json(json, types.value.get(), value);
}

std::string json_of(const encoded_type* type, std::string_view bytes) {
  if (is_nothing(type, bytes))
    return {};
  json_writer to;
  write_json(to, type, bytes);
  return std::string{to.text()};
}

struct state_size {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};
using state_sizes = std::map<std::pair<std::string, std::string>, state_size>;

state_sizes sizes_of(const checkpoint_view& view) {
  state_sizes sizes;
  std::string_view step;
  std::string_view state;
  state_size* size = nullptr;
  view.restore([&](const stored_entry& e) {
    if (!size || e.step != step || e.state != state) {
      const auto at = sizes.try_emplace({std::string{e.step}, std::string{e.state}}).first;
      step = at->first.first;
      state = at->first.second;
      size = &at->second;
    }
    size->entries += 1;
    size->bytes += e.key.size() + e.value.size();
  });
  return sizes;
}

std::string type_or_unknown(const std::string& type) { return type.empty() ? "-" : type; }

void print_states(const checkpoint_manifest& m, state_sizes& sizes, const text_sink& out) {
  out(fmt::format("Checkpoint {} of job {}, {}\n\n", m.checkpoint, m.job, format_timestamp(m.time)));
  text_table table{out, {"STEP", "UID", "PARALLELISM", "STATE", "ENTRIES", "BYTES", "KEY", "VALUE"}};
  for (const auto& step : m.steps)
    for (const auto& state : step.states) {
      const stored_types types{state};
      const auto& size = sizes[{step.uid, state.name}];
      table.add(
        {step.name, step.uid, step.parallelism == 0 ? "-" : std::to_string(step.parallelism), state.name,
         with_commas(size.entries), with_commas(size.bytes), type_or_unknown(types.key_text),
         type_or_unknown(types.value_text)});
    }
  table.finish();
}

void print_states_as_json(const checkpoint_manifest& m, state_sizes& sizes, const text_sink& out) {
  json_writer json;
  {
    json_object all{json};
    all.text("job", m.job);
    all.number("checkpoint", m.checkpoint);
    all.text("time", format_timestamp(m.time));
    add_steps(all, json, m.steps, [&](json_object& of_state, const stored_step& step, const stored_state& state) {
      const auto& size = sizes[{step.uid, state.name}];
      of_state.number("entries", size.entries);
      of_state.number("bytes", size.bytes);
    });
  }
  json.raw('\n');
  out(json.text());
}

std::uint64_t print_entries(const stored_types& types, const entry_source& entries, const text_sink& out, bool as_json) {
  if (as_json) {
    gathered_json lines{out};
    const auto count = entries([&](std::string_view key, std::string_view value) {
      {
        json_object entry{lines.line()};
        add_entry(entry, lines.line(), types, key, value);
      }
      lines.end_line();
    });
    lines.flush();
    return count;
  }
  text_table table{out, {"KEY", "VALUE"}};
  const auto count = entries([&](std::string_view key, std::string_view value) {
    table.add({json_of(types.key.get(), key), json_of(types.value.get(), value)});
  });
  if (count != 0)
    table.finish();
  return count;
}

} // namespace

void list_states(const checkpoint_view& view, const text_sink& out, bool json) {
  auto sizes = sizes_of(view);
  json ? print_states_as_json(view.manifest(), sizes, out) : print_states(view.manifest(), sizes, out);
}

std::uint64_t scan_state(const checkpoint_view& view, const state_query& query, const text_sink& out, bool json) {
  const auto& step = find_step(view.manifest(), query.step);
  state_reader reader{view, step, find_state(step, query.state), query.conditions};
  const auto entries = [&](const entry_visit& visit) { return reader.read(visit, query.limit); };
  return print_entries(reader.types(), entries, out, json);
}

std::uint64_t get_state(const checkpoint_view& view, const state_query& query, const text_sink& out, bool json) {
  const auto& step = find_step(view.manifest(), query.step);
  state_reader reader{view, step, find_state(step, query.state), query.conditions};
  if (json || reader.types().user_key)
    return print_entries(
      reader.types(), [&](const entry_visit& visit) { return reader.read_in_order(visit); }, out, json);
  return reader.read(
    [&](std::string_view, std::string_view value) { out(json_of(reader.types().value.get(), value) + '\n'); });
}

void export_states(const checkpoint_view& view, const std::string& step, const std::string& state, const text_sink& out) {
  const auto& manifest = view.manifest();
  const auto* only_step = step.empty() ? nullptr : &find_step(manifest, step);
  const auto* only_state = state.empty() ? nullptr : &find_state(*only_step, state);
  gathered_json lines{out};
  for (const auto& s : manifest.steps)
    for (const auto& kept : s.states) {
      if ((only_step && only_step != &s) || (only_state && only_state != &kept))
        continue;
      state_reader reader{view, s, kept, {}};
      reader.read([&](std::string_view key, std::string_view value) {
        {
          json_object entry{lines.line()};
          entry.text("step", s.uid);
          entry.text("state", kept.name);
          add_entry(entry, lines.line(), reader.types(), key, value);
        }
        lines.end_line();
      });
    }
  lines.flush();
}

} // namespace leat::cli
