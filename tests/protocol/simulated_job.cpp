#include "simulated_job.hpp"

#include <leat/base/encoding.hpp>
#include <leat/messages/delta.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat::testing {

namespace {

constexpr int most_events = 20'000;
constexpr std::int32_t keys = 3;
constexpr checkpoint_ledger::limits rhythm{
  std::chrono::milliseconds{10}, checkpoint_ledger::clock::duration::zero(), std::chrono::milliseconds{100}};

/// All that one actor keeps, as a change that replaces what was there.
delta all_of(std::string step, std::uint16_t group, const std::map<std::string, std::string>& entries) {
  delta_writer writer{std::move(step), group, true};
  for (const auto& [key, value] : entries)
    writer.put("kept", key, value);
  return writer.take();
}

std::map<std::string, std::string> entries_of(const stored_checkpoint& from, const std::string& step) {
  std::map<std::string, std::string> found;
  if (from.visit)
    from.visit([&](const stored_entry& e) {
      if (e.step == step)
        found.emplace(e.key, e.value);
    });
  return found;
}

} // namespace

template <class... Parts>
void simulated_job::note(fmt::format_string<const Parts&...> text, const Parts&... parts) {
  if (telling_)
    story_ += fmt::format("{}: {}\n", incarnation_, fmt::format(text, parts...));
}

simulated_job::simulated_job(std::uint64_t seed, mutant how) : random_{seed}, how_{how} {
  records_.resize(1 + random_() % 2);
  for (auto& of : records_)
    for (auto n = 2 + random_() % 6; n != 0; --n)
      of.push_back(static_cast<std::int32_t>(random_() % keys));
  crashes_left_ = static_cast<int>(random_() % 4);
  start();
}

/// A process begins, from what is on the disk. Its parallelism is its own.
void simulated_job::start() {
  ++incarnation_;
  const auto last = disk_.last().value_or(stored_checkpoint{});
  note("begins from checkpoint {}", last.epoch);
  process_ = std::make_unique<process>(process{checkpoint_ledger{rhythm, last.epoch}, {}, {}, {}, {}, {}, {}, {}});
  process_->sources.resize(records_.size());
  process_->shards.resize(1 + random_() % 2);
  process_->sinks.resize(1 + random_() % 2);
  const auto positions = entries_of(last, "source");
  for (std::size_t i = 0; i < records_.size(); ++i) {
    process_->ledger.add(static_cast<actor_id>(1 + i));
    if (const auto at = positions.find(std::to_string(i)); at != positions.end())
      process_->sources[i].next = decoded<std::uint64_t>(at->second);
  }
  const auto counts = entries_of(last, "count");
  const auto add_inputs = [&](stage& to, std::size_t from) {
    to.inputs.resize(from);
    for (std::size_t i = 0; i < from; ++i)
      to.merge.add(static_cast<std::uint32_t>(i), last.epoch + 1);
  };
  for (std::size_t i = 0; i < process_->shards.size(); ++i) {
    process_->ledger.add(shard_id(i));
    add_inputs(process_->shards[i], process_->sources.size());
    for (const auto& [key, count] : counts)
      if (const auto k = decoded<std::int32_t>(key); static_cast<std::size_t>(k) % process_->shards.size() == i)
        process_->shards[i].counts[k] = decoded<std::int32_t>(count);
  }
  std::vector<std::vector<saved_epoch_log>> logs(process_->sinks.size());
  for (const auto& [key, value] : entries_of(last, "sink")) {
    const auto name = decoded<epoch_log_name>(key);
    logs[name.shard % process_->sinks.size()].push_back({name, value});
  }
  for (std::size_t i = 0; i < process_->sinks.size(); ++i) {
    process_->ledger.add(sink_id(i));
    add_inputs(process_->sinks[i], process_->shards.size());
    process_->sinks[i].writer.emplace(static_cast<std::uint32_t>(i), incarnation_ * 10 + i, outside_, how_);
    process_->sinks[i].writer->restore(last.epoch, logs[i]);
  }
}

void simulated_job::crash() {
  note("is killed");
  ++crashes_;
  start();
}

std::string simulated_job::run() {
  for (int event = 0; event < most_events; ++event) {
    if (done())
      return wrong_rows(true);
    if (crashes_left_ != 0 && random_() % 150 == 0) {
      --crashes_left_;
      crash();
    }
    list_actions();
    const auto [what, which] = actions_[random_() % actions_.size()];
    (this->*what)(which);
    if (!failure_.empty())
      return failure_;
    for (const auto& s : process_->sinks)
      if (!s.writer->refusal().empty())
        return "a sink refuses to go on: " + s.writer->refusal();
  }
  return "the job has not come to its end";
}

void simulated_job::list_actions() {
  actions_.clear();
  const auto add = [&](action what, std::size_t which) { actions_.emplace_back(what, which); };
  for (std::size_t i = 0; i < process_->sources.size(); ++i) {
    if (!process_->sources[i].barriers.empty())
      add(&simulated_job::say_barrier, i);
    if (process_->sources[i].next < records_[i].size())
      add(&simulated_job::read, i);
  }
  for (std::size_t i = 0; i < process_->shards.size() * process_->sources.size(); ++i)
    if (!process_->shards[i / process_->sources.size()].inputs[i % process_->sources.size()].empty())
      add(&simulated_job::count, i);
  for (std::size_t i = 0; i < process_->sinks.size() * process_->shards.size(); ++i)
    if (!process_->sinks[i / process_->shards.size()].inputs[i % process_->shards.size()].empty())
      add(&simulated_job::take_row, i);
  for (std::size_t i = 0; i < process_->sinks.size(); ++i) {
    if (process_->sinks[i].writer->has_work())
      add(&simulated_job::work_sink, i);
    if (process_->sinks[i].writer->waits() && random_() % 8 == 0)
      add(&simulated_job::lose_patience, i);
    if (!process_->commits[i].empty())
      add(&simulated_job::hear_commit, i);
  }
  const bool ready = std::ranges::all_of(process_->sinks, [](const stage& s) { return s.writer->restored(); });
  if (const auto due = process_->ledger.due_in(now_); ready && due && due->count() == 0)
    add(&simulated_job::begin_checkpoint, 0);
  if (!process_->reports.empty())
    add(&simulated_job::hear_report, random_() % process_->reports.size());
  if (process_->writing)
    add(&simulated_job::sync, 0);
  if (!process_->outcomes.empty())
    add(&simulated_job::hear_outcome, 0);
  if (outside_.under_way() != 0) {
    add(&simulated_job::arrive, 0);
    if (random_() % 8 == 0)
      add(&simulated_job::lose, 0);
  }
  add(&simulated_job::pass_time, 0);
}

void simulated_job::read(std::size_t which) {
  auto& s = process_->sources[which];
  const auto key = records_[which][s.next++];
  process_->shards[static_cast<std::size_t>(key) % process_->shards.size()].inputs[which].emplace_back(key);
  note("source {} reads key {}", which, key);
}

void simulated_job::say_barrier(std::size_t which) {
  auto& s = process_->sources[which];
  const auto epoch = s.barriers.front();
  s.barriers.pop_front();
  for (auto& shard : process_->shards)
    shard.inputs[which].emplace_back(signal::barrier(epoch));
  const auto position = s.next + (how_ == mutant::position_too_far && s.next < records_[which].size() ? 1 : 0);
  delta_writer writer{"source", group_of_anyone};
  writer.put("kept", std::to_string(which), encoded(static_cast<std::uint64_t>(position)));
  report(static_cast<actor_id>(1 + which), epoch, {writer.take()});
  note("source {} says barrier {} at {}", which, epoch, position);
}

/// The next of an input, unless it has to wait behind a barrier.
std::optional<simulated_job::on_channel> simulated_job::take(stage& from, std::size_t input) {
  if (how_ != mutant::not_aligned && from.merge.ahead(static_cast<std::uint32_t>(input)))
    return std::nullopt;
  auto next = std::move(from.inputs[input].front());
  from.inputs[input].pop_front();
  return next;
}

void simulated_job::count(std::size_t which) {
  const auto shard = which / process_->sources.size();
  const auto input = which % process_->sources.size();
  auto& s = process_->shards[shard];
  const auto next = take(s, input);
  if (!next)
    return;
  if (const auto* key = std::get_if<std::int32_t>(&*next)) {
    const counted_row row{*key, ++s.counts[*key]};
    process_->sinks[static_cast<std::size_t>(*key) % process_->sinks.size()].inputs[shard].emplace_back(row);
    return;
  }
  s.merge.on_signal(static_cast<std::uint32_t>(input), std::get<signal>(*next), [&](const signal& barrier) {
    for (auto& sink : process_->sinks)
      sink.inputs[shard].emplace_back(barrier);
    actor_state kept;
    for (std::int32_t key = 0; key < keys; ++key)
      if (static_cast<std::size_t>(key) % process_->shards.size() == shard)
        kept.push_back(all_of("count", static_cast<std::uint16_t>(key), {{encoded(key), encoded(s.counts[key])}}));
    report(shard_id(shard), barrier.epoch, std::move(kept));
    note("shard {} passes barrier {}", shard, barrier.epoch);
  });
}

void simulated_job::take_row(std::size_t which) {
  const auto sink = which / process_->shards.size();
  const auto input = which % process_->shards.size();
  auto& s = process_->sinks[sink];
  if (!s.writer->restored())
    return;
  const auto next = take(s, input);
  if (!next)
    return;
  if (const auto* row = std::get_if<counted_row>(&*next))
    return s.writer->write(*row);
  s.merge.on_signal(static_cast<std::uint32_t>(input), std::get<signal>(*next), [&](const signal& barrier) {
    const auto changed = s.writer->cut(barrier.epoch);
    delta_writer logs{"sink", group_of_anyone};
    if (changed.log)
      logs.put("kept", encoded(changed.log->name), *changed.log->bytes);
    for (const auto& name : changed.done)
      logs.remove("kept", encoded(name));
    report(sink_id(sink), barrier.epoch, {logs.take()});
    note("sink {} passes barrier {}", sink, barrier.epoch);
  });
}

void simulated_job::report(actor_id who, std::uint64_t epoch, actor_state state) {
  process_->reports.push_back({who, epoch, std::make_shared<actor_state>(std::move(state))});
}

void simulated_job::begin_checkpoint(std::size_t) {
  const auto epoch = process_->ledger.begin(now_);
  for (auto& s : process_->sources)
    s.barriers.push_back(epoch);
  note("checkpoint {} begins", epoch);
}

void simulated_job::hear_report(std::size_t which) {
  // Of one actor in order.
  const auto first = std::ranges::find(process_->reports, process_->reports[which].actor, &snapshot_taken::actor);
  const auto fact = *first;
  process_->reports.erase(first);
  if (how_ == mutant::late_snapshot_forgotten && fact.epoch == given_up_)
    return;
  if (auto complete = process_->ledger.on_snapshot(fact)) {
    if (how_ == mutant::commits_before_durable)
      tell_sinks(complete->epoch);
    process_->writing = std::move(*complete);
  }
}

void simulated_job::sync(std::size_t) {
  const auto what = *std::exchange(process_->writing, std::nullopt);
  const bool stored = random_() % 5 != 0;
  if (stored)
    disk_.store(what);
  process_->outcomes.emplace_back(what.epoch, stored);
  note("checkpoint {} is {}", what.epoch, stored ? "stored" : "not stored");
}

void simulated_job::hear_outcome(std::size_t) {
  const auto [epoch, stored] = process_->outcomes.front();
  process_->outcomes.pop_front();
  process_->ledger.on_stored(epoch, stored, now_);
  if (stored || how_ == mutant::commits_failed)
    tell_sinks(epoch);
}

void simulated_job::tell_sinks(std::uint64_t epoch) {
  for (std::size_t i = 0; i < process_->sinks.size(); ++i)
    process_->commits[i].push_back(epoch);
}

void simulated_job::hear_commit(std::size_t which) {
  process_->sinks[which].writer->commit(process_->commits[which].front());
  process_->commits[which].pop_front();
}

void simulated_job::work_sink(std::size_t which) { process_->sinks[which].writer->work(); }

void simulated_job::arrive(std::size_t) {
  const auto [t, refused] = outside_.arrive(random_());
  note("a transaction of shard {} with marker {} {}", t.shard, t.mark, refused ? "is refused" : "arrives");
  failure_ = wrong_rows(false);
  answer(t, random_() % 6 != 0, refused);
}

void simulated_job::lose(std::size_t) {
  const auto t = outside_.lose(random_());
  note("a transaction of shard {} with marker {} is lost", t.shard, t.mark);
  answer(t, false, false);
}

void simulated_job::answer(const simulated_outside::transaction& t, bool known, bool refused) {
  for (std::size_t i = 0; i < process_->sinks.size(); ++i)
    if (t.sender == incarnation_ * 10 + i)
      process_->sinks[i].writer->on_answer(known, refused);
}

/// What it has sent may still arrive.
void simulated_job::lose_patience(std::size_t which) {
  note("sink {} waits no longer", which);
  process_->sinks[which].writer->on_answer(false, false);
}

void simulated_job::pass_time(std::size_t) {
  now_ += std::chrono::milliseconds{random_() % 20};
  if (const auto late = process_->ledger.give_up(now_))
    note("checkpoint {} is given up", given_up_ = late->epoch);
}

/// Whether everything has been read, and a checkpoint after that is stored and out.
bool simulated_job::done() const {
  for (std::size_t i = 0; i < process_->sources.size(); ++i)
    if (process_->sources[i].next != records_[i].size())
      return false;
  std::size_t rows = 0;
  for (const auto& of : records_)
    rows += of.size();
  std::size_t committed = 0;
  for (const auto& [row, times] : outside_.rows())
    committed += static_cast<std::size_t>(times);
  const bool quiet =
    outside_.under_way() == 0 && process_->reports.empty() && !process_->writing && process_->outcomes.empty();
  return committed >= rows && quiet && crashes_left_ == 0;
}

/// What a reader sees that it should not; at the end also what it does not see.
std::string simulated_job::wrong_rows(bool at_end) const {
  std::map<std::int32_t, std::int32_t> totals;
  for (const auto& of : records_)
    for (const auto key : of)
      ++totals[key];
  for (const auto& [row, times] : outside_.rows()) {
    if (times != 1)
      return fmt::format("row {} of key {} is there {} times", row.second, row.first, times);
    if (row.second > totals[row.first])
      return fmt::format("key {} was counted up to {}, of {} records", row.first, row.second, totals[row.first]);
  }
  for (const auto& [key, total] : totals)
    for (std::int32_t n = 1; at_end && n <= total; ++n)
      if (!outside_.rows().contains({key, n}))
        return fmt::format("row {} of key {} is missing", n, key);
  return {};
}

} // namespace leat::testing
