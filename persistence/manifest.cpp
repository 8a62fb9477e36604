#include <leat/persistence/manifest.hpp>

#include <leat/base/bytes.hpp>
#include <leat/base/error.hpp>
#include <leat/base/xxh3.hpp>
#include <leat/persistence/store_format.hpp>
#include <leat/persistence/store_records.hpp>

#include <fmt/format.h>
#include <manifest.pb.h>

#include <algorithm>
#include <limits>

namespace leat {
namespace {

std::uint64_t checksum_of(std::uint32_t version, std::string_view body) {
  return XXH3_64bits_withSeed(body.data(), body.size(), (std::uint64_t{store_format::magic} << 32) | version);
}

void to_wire(const step_contents& c, wire::Contents& to) {
  to.set_deltas(c.deltas);
  to.set_delta_bytes(c.delta_bytes);
  to.set_delta_digest(c.delta_digest);
  to.set_entries(c.entries);
  to.set_entry_bytes(c.entry_bytes);
  to.set_entry_digest(c.entry_digest);
}

step_contents from_wire(const wire::Contents& c) {
  return {c.deltas(), c.delta_bytes(), c.delta_digest(), c.entries(), c.entry_bytes(), c.entry_digest()};
}

void to_wire(const stored_step& step, wire::Step& to) {
  to.set_id(step.id);
  to.set_uid(step.uid);
  to.set_name(step.name);
  to.set_parallelism(step.parallelism);
  for (const auto& state : step.states) {
    auto& s = *to.add_states();
    s.set_id(state.id);
    s.set_name(state.name);
    s.set_key_type(state.key_type);
    s.set_value_type(state.value_type);
    s.set_kept_for(state.kept_for);
  }
  to_wire(step.contents, *to.mutable_contents());
  to.set_place(step.place);
}

stored_step from_wire(const wire::Step& step) {
  stored_step s{step.uid(), step.name(), step.parallelism(), {}, step.id(), from_wire(step.contents()), step.place()};
  for (const auto& state : step.states())
    s.states.push_back(
      {state.name(), state.key_type(), state.value_type(), static_cast<std::uint16_t>(state.id()), state.kept_for()});
  return s;
}

} // namespace

step_contents& step_contents::operator+=(const step_contents& other) noexcept {
  deltas += other.deltas;
  delta_bytes += other.delta_bytes;
  delta_digest += other.delta_digest;
  entries += other.entries;
  entry_bytes += other.entry_bytes;
  entry_digest += other.entry_digest;
  return *this;
}

step_contents& step_contents::operator-=(const step_contents& other) noexcept {
  deltas -= other.deltas;
  delta_bytes -= other.delta_bytes;
  delta_digest -= other.delta_digest;
  entries -= other.entries;
  entry_bytes -= other.entry_bytes;
  entry_digest -= other.entry_digest;
  return *this;
}

const stored_state* stored_step::state(std::string_view state_name) const noexcept {
  const auto found = std::find_if(states.begin(), states.end(), [&](const auto& s) { return s.name == state_name; });
  return found == states.end() ? nullptr : &*found;
}

std::uint16_t stored_step::id_of_state(std::string_view state_name) {
  if (const auto* known = state(state_name))
    return known->id;
  if (states.size() == std::numeric_limits<std::uint16_t>::max())
    throw state_error{fmt::format("step `{}` has more than 65,535 states: a state's name must not depend on data", name)};
  states.push_back({std::string{state_name}, {}, {}, static_cast<std::uint16_t>(states.size())});
  return states.back().id;
}

const stored_step* checkpoint_manifest::step(std::string_view uid) const noexcept {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const auto& s) { return s.uid == uid; });
  return found == steps.end() ? nullptr : &*found;
}

const stored_step* checkpoint_manifest::step(std::uint32_t id) const noexcept {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const auto& s) { return s.id == id; });
  return found == steps.end() ? nullptr : &*found;
}

stored_step& checkpoint_manifest::step_of(std::string_view uid) {
  for (auto& s : steps)
    if (s.uid == uid)
      return s;
  auto& added = steps.emplace_back();
  added.uid = added.name = uid;
  added.id = next_step++;
  return added;
}

void checkpoint_manifest::forget(std::string_view uid) {
  std::erase_if(steps, [&](const auto& s) { return s.uid == uid; });
}

void checkpoint_manifest::check_job(std::string_view name) const {
  if (name != job)
    throw state_error{fmt::format(
      "the checkpoints are those of job `{}`, not of `{}`: give each job a state directory of its own", job, name)};
}

void checkpoint_manifest::check_key_groups(std::uint32_t count) const {
  if (count != max_parallelism)
    throw state_error{fmt::format(
      "the checkpoints of job `{}` divide keys into {} groups, and it runs with max_parallelism {} now: set it back, it "
      "can only change when the job starts without state",
      job, max_parallelism, count)};
}

std::uint64_t checkpoint_manifest::bytes() const noexcept {
  std::uint64_t all = 0;
  for (const auto& step : steps)
    all += step.contents.entry_bytes + step.contents.delta_bytes;
  return all;
}

void checkpoint_manifest::describe(const checkpoint_manifest& said) {
  if (checkpoint != 0) {
    check_job(said.job);
    check_key_groups(said.max_parallelism);
  }
  job = said.job;
  time = said.time;
  parallelism = said.parallelism;
  max_parallelism = said.max_parallelism;
  for (const auto& s : said.steps) {
    auto& mine = step_of(s.uid);
    mine.name = s.name;
    mine.parallelism = s.parallelism;
    mine.place = s.place;
    for (const auto& state : s.states) {
      auto& known = mine.states.at(mine.id_of_state(state.name));
      known.key_type = state.key_type;
      known.value_type = state.value_type;
      known.kept_for = state.kept_for;
    }
  }
}

std::string encoded(const checkpoint_manifest& manifest) {
  wire::Manifest m;
  m.set_job(manifest.job);
  m.set_checkpoint(manifest.checkpoint);
  m.set_time(to_millis(manifest.time));
  m.set_parallelism(manifest.parallelism);
  m.set_max_parallelism(manifest.max_parallelism);
  m.set_transaction(manifest.transaction);
  m.set_next_step(manifest.next_step);
  for (const auto& step : manifest.steps)
    to_wire(step, *m.add_steps());
  const auto body = m.SerializeAsString();

  std::string bytes;
  byte_writer out{bytes};
  out.fixed(store_format::magic);
  out.fixed(store_format::version);
  out.fixed(checksum_of(store_format::version, body));
  out.raw(body);
  return bytes;
}

checkpoint_manifest decoded_manifest(std::string_view bytes, const std::string& where) {
  const auto damaged = [&] { return damaged_file(where, "the manifest of the checkpoint is damaged"); };
  if (bytes.size() < store_format::manifest_head)
    throw damaged();
  byte_reader in{bytes.substr(0, store_format::manifest_head)};
  const auto magic = in.fixed<std::uint32_t>();
  const auto version = in.fixed<std::uint32_t>();
  const auto checksum = in.fixed<std::uint64_t>();
  const auto body = bytes.substr(store_format::manifest_head);
  if (magic != store_format::magic || checksum != checksum_of(version, body))
    throw damaged();
  if (version != store_format::version)
    throw state_error{fmt::format(
      "{}: written by a newer version of Leat (its checkpoints are of format {}, this program reads format {}): run that "
      "version or a later one",
      where, version, store_format::version)};

  wire::Manifest m;
  if (!m.ParseFromArray(body.data(), static_cast<int>(body.size())))
    throw damaged();
  checkpoint_manifest manifest{m.job(), from_millis(m.time()), m.parallelism(), m.max_parallelism(),
                               {},      m.checkpoint(),        m.transaction(), m.next_step()};
  for (const auto& step : m.steps())
    manifest.steps.push_back(from_wire(step));
  return manifest;
}

} // namespace leat
