#include <leat/apps/leat/savepoint_commands.hpp>

#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/sinks/exactly_once_end.hpp>
#include <leat/apps/leat/json_object.hpp>
#include <leat/apps/leat/steps_json.hpp>
#include <leat/apps/leat/stored_types.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/transactional_writer.hpp>
#include <leat/persistence/lmdb/lmdb_pages.hpp>
#include <leat/persistence/store_directory.hpp>
#include <leat/pipeline/control/control_socket.hpp>
#include <leat/pipeline/control/job_requests.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace leat::cli {

namespace {

struct source_position {
  std::string source;
  partition of;
  partition_position at;
};

/// How long a job may take: it writes all of its state, and with a stop finishes what it has read.
constexpr std::chrono::minutes patience_with_job{10};

struct pending_log {
  std::string step;
  epoch_log_name name;
  std::uint64_t bytes = 0;
};

// Calls `visit` for the entries of a state with this name, whichever steps have one.
template <class Visit>
void visit_everywhere(const checkpoint_view& view, std::string_view state, const Visit& visit) {
  for (const auto& step : view.manifest().steps)
    if (step.state(state))
      for (const auto group : view.groups(step.uid))
        view.scan_group(step.uid, state, group, [&](const stored_entry& e) { return visit(e), true; });
}

std::vector<source_position> positions_in(const checkpoint_view& view) {
  std::vector<source_position> all;
  visit_everywhere(view, positions_state, [&](const stored_entry& e) {
    auto [of, at] = position_of({e.state, e.key, e.value});
    all.push_back({std::string{e.step}, std::move(of), at});
  });
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.source, a.of) < std::tie(b.source, b.of);
  });
  return all;
}

std::vector<pending_log> logs_in(const checkpoint_view& view) {
  std::vector<pending_log> all;
  visit_everywhere(view, epoch_logs_state, [&](const stored_entry& e) {
    all.push_back({std::string{e.step}, decoded<epoch_log_name>(e.key), e.value.size()});
  });
  return all;
}

void print_header(const checkpoint_place& place, const checkpoint_manifest& m, const text_sink& out) {
  const auto owner = place.copy ? std::nullopt : owner_of(place.directory);
  out(fmt::format("Checkpoint   {}\n", m.checkpoint));
  out(fmt::format("Job          {}\n", m.job));
  out(fmt::format("Time         {}\n", format_timestamp(m.time)));
  out(fmt::format("Parallelism  {}, keys in {} groups\n", m.parallelism, m.max_parallelism));
  out(fmt::format("File         {}, {} bytes\n", place.file, with_commas(place.bytes())));
  if (owner)
    out(fmt::format("Written by   {}\n", *owner));
}

void print_inspected(
  const checkpoint_manifest& m, const std::vector<source_position>& positions, const std::vector<pending_log>& logs,
  const text_sink& out) {
  out("\n");
  text_table steps{out, {"STEP", "UID", "PARALLELISM", "STATE", "KEY", "VALUE"}};
  for (const auto& step : m.steps)
    for (const auto& state : step.states) {
      const stored_types types{state};
      steps.add(
        {step.name, step.uid, step.parallelism == 0 ? "-" : std::to_string(step.parallelism), state.name,
         types.key_text.empty() ? "-" : types.key_text, types.value_text.empty() ? "-" : types.value_text});
    }
  steps.finish();
  if (!positions.empty()) {
    out("\n");
    text_table table{out, {"SOURCE", "PARTITION", "NEXT OFFSET", "WATERMARK"}};
    for (const auto& p : positions)
      table.add({p.source, to_string(p.of), std::to_string(p.at.offset), format_timestamp(p.at.watermark)});
    table.finish();
  }
  if (!logs.empty()) {
    out("\n");
    text_table table{out, {"SINK", "ACTOR", "EPOCH TO BE WRITTEN", "BYTES"}};
    for (const auto& l : logs)
      table.add({l.step, std::to_string(l.name.shard), std::to_string(l.name.epoch), with_commas(l.bytes)});
    table.finish();
  }
}

void add_manifest(json_object& to, const checkpoint_place& place, const checkpoint_manifest& m) {
  to.number("checkpoint", m.checkpoint);
  to.text("job", m.job);
  to.text("time", format_timestamp(m.time));
  to.text("file", place.file);
  to.number("bytes", place.bytes());
  to.at("last").raw(place.copy ? "false" : "true");
}

void print_inspected_as_json(
  const checkpoint_place& place, const checkpoint_manifest& m, const std::vector<source_position>& positions,
  const std::vector<pending_log>& logs, json_writer& json) {
  json_object all{json};
  add_manifest(all, place, m);
  all.number("parallelism", m.parallelism);
  all.number("key_groups", m.max_parallelism);
  add_steps(all, json, m.steps);
  all.array("positions", positions, [&](const source_position& p) {
    json_object of_partition{json};
    of_partition.text("source", p.source);
    of_partition.text("topic", p.of.topic);
    of_partition.at("partition").integer(p.of.number);
    of_partition.at("offset").integer(p.at.offset);
    of_partition.text("watermark", format_timestamp(p.at.watermark));
  });
  all.array("epoch_logs", logs, [&](const pending_log& l) {
    json_object of_log{json};
    of_log.text("sink", l.step);
    of_log.number("actor", l.name.shard);
    of_log.number("epoch", l.name.epoch);
    of_log.number("bytes", l.bytes);
  });
}

struct listed_checkpoint {
  checkpoint_place place;
  checkpoint_manifest manifest;
  std::string damage; // empty: none was seen

  /// Whether the job has not taken its first one yet.
  [[nodiscard]] bool is_none() const { return damage.empty() && manifest.checkpoint == 0; }
};

listed_checkpoint manifest_or_damage(const checkpoint_place& place) {
  try {
    return {place, place.manifest(), ""};
  } catch (const state_error& e) {
    return {place, {}, e.what()};
  }
}

struct verdict {
  bool none = false; // the job has not taken its first one yet
  std::uint64_t checkpoint = 0;
  std::uint64_t entries = 0;
  std::string damage; // empty: none
};

verdict verified(const checkpoint_place& place, std::chrono::milliseconds max_age) {
  verdict v;
  try {
    if (v.none = !place.copy && place.manifest().checkpoint == 0; v.none)
      return v;
    const auto view = place.open(max_age);
    v.checkpoint = view.manifest().checkpoint;
    view.restore([&](const stored_entry&) { ++v.entries; });
  } catch (const view_too_old&) {
    throw;
  } catch (const state_error& e) {
    v.damage = e.what();
  }
  return v;
}

void remove_file(const std::string& file) {
  std::error_code failed;
  if (!std::filesystem::remove(file, failed))
    throw state_error{fmt::format("{}: cannot be deleted: {}", file, failed ? failed.message() : "it is gone already")};
}

} // namespace

void create_savepoint(const std::string& directory, bool stop, const text_sink& out, bool json) {
  expect_directory(directory);
  const auto answer = ask_job(directory, stop ? stop_request : savepoint_request, patience_with_job);
  constexpr std::string_view done = "ok ";
  if (!answer.starts_with(done))
    throw state_error{fmt::format("{}: no savepoint: {}", directory, answer.substr(answer.find(' ') + 1))};
  const auto path = answer.substr(done.size());
  if (!json)
    return out(path + "\n");
  json_writer to;
  json_object{to}.text("savepoint", path);
  to.raw('\n');
  out(to.text());
}

void list_checkpoints(const std::string& directory, const text_sink& out, bool json) {
  std::vector<listed_checkpoint> found;
  for (const auto& place : all_checkpoints(directory))
    found.push_back(manifest_or_damage(place));
  if (json) {
    std::erase_if(found, [](const listed_checkpoint& c) { return c.is_none(); });
    json_writer to;
    {
      json_object all{to};
      all.array("checkpoints", found, [&](const listed_checkpoint& c) {
        json_object one{to};
        add_manifest(one, c.place, c.manifest);
        one.text("damage", c.damage);
      });
    }
    to.raw('\n');
    return out(to.text());
  }
  text_table table{out, {"CHECKPOINT", "TIME", "BYTES", "JOB", "FILE", ""}};
  for (const auto& c : found) {
    const auto& [place, m, damage] = c;
    const auto owner = place.copy ? std::nullopt : owner_of(directory);
    const auto what = place.copy ? "retained" : owner ? fmt::format("the last, written by {}", *owner) : "the last";
    if (c.is_none())
      table.add({"none yet", "", with_commas(place.bytes()), m.job, place.file, owner ? what : ""});
    else if (damage.empty())
      table.add(
        {std::to_string(m.checkpoint), format_timestamp(m.time), with_commas(place.bytes()), m.job, place.file, what});
    else
      table.add({"?", "?", with_commas(place.bytes()), "?", place.file, damage});
  }
  table.finish();
}

void inspect_checkpoint(const checkpoint_place& place, const checkpoint_view& view, const text_sink& out, bool json) {
  const auto& m = view.manifest();
  const auto positions = positions_in(view);
  const auto logs = logs_in(view);
  if (!json) {
    print_header(place, m, out);
    return print_inspected(m, positions, logs, out);
  }
  json_writer to;
  print_inspected_as_json(place, m, positions, logs, to);
  to.raw('\n');
  out(to.text());
}

bool verify_checkpoints(
  const std::vector<checkpoint_place>& places, std::chrono::milliseconds max_age, const text_sink& out, bool json) {
  bool whole = true;
  text_table table{out, {"CHECKPOINT", "ENTRIES", "BYTES", "FILE", "VERDICT"}};
  for (const auto& place : places) {
    const auto v = verified(place, max_age);
    whole = whole && v.damage.empty();
    if (!json) {
      table.add(
        {v.none              ? "none yet"
         : v.checkpoint == 0 ? "?"
                             : std::to_string(v.checkpoint),
         with_commas(v.entries), with_commas(place.bytes()), place.file,
         v.none             ? ""
         : v.damage.empty() ? "whole"
                            : v.damage});
      continue;
    }
    if (v.none)
      continue;
    json_writer to;
    {
      json_object one{to};
      one.text("file", place.file);
      one.number("checkpoint", v.checkpoint);
      one.number("entries", v.entries);
      one.number("bytes", place.bytes());
      one.at("whole").raw(v.damage.empty() ? "true" : "false");
      one.text("damage", v.damage);
    }
    to.raw('\n');
    out(to.text());
  }
  if (!json)
    table.finish();
  return whole;
}

void delete_checkpoint(const checkpoint_place& place) {
  if (place.copy) {
    if (place.directory.empty())
      (void)read_manifest(place.file, true); // nothing else is deleted by mistake
    remove_file(place.file);
    return sync_to_disk(
      std::filesystem::path{place.file}.parent_path().empty() ? "."
                                                              : std::filesystem::path{place.file}.parent_path().string());
  }
  if (const auto owner = owner_of(place.directory))
    throw state_error{fmt::format(
      "{}: {} holds this checkpoint: it is the one that the job goes on from. Stop the job first", place.directory,
      *owner)};
  const store_directory held{place.directory};
  remove_file(place.file);
  std::filesystem::remove(place.file + "-lock");
  sync_to_disk(place.directory);
}

} // namespace leat::cli
