#include "simulated_sink.hpp"

#include <leat/base/encoding.hpp>

#include <algorithm>
#include <utility>

namespace leat::testing {

void simulated_sink::restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs) {
  checkpoint_ = checkpoint;
  book_.restore(logs);
  std::map<std::uint32_t, std::map<std::uint64_t, simulated_log>> by_shard;
  for (const auto& log : logs)
    by_shard[log.name.shard].emplace(log.name.epoch, decoded<simulated_log>(log.bytes));
  auto own = by_shard.extract(shard_);
  const auto add = [&](std::uint32_t shard, const std::map<std::uint64_t, simulated_log>& of) {
    task t{shard, {checkpoint, of.empty() ? 0 : of.begin()->second.first, {}, {}, false}, {}};
    for (const auto& [epoch, log] : of) {
      t.facts.logs.push_back(epoch);
      t.logs.push_back(log);
    }
    tasks_.push_back(std::move(t));
  };
  for (const auto& [shard, of] : by_shard)
    add(shard, of);
  add(shard_, own.empty() ? std::map<std::uint64_t, simulated_log>{} : own.mapped());
  tasks_.back().last_of_restore = true;
}

epoch_cut simulated_sink::cut(std::uint64_t epoch) {
  book_.written(committed_);
  if (!restored_)
    return {};
  const bool writes = !open_.empty() || !std::exchange(cut_once_, true);
  auto changed = book_.cut(
    epoch, std::make_shared<const std::string>(encoded(simulated_log{book_.last_marker(), std::exchange(open_, {})})),
    writes);
  if (how_ == mutant::logs_not_saved)
    changed.log.reset();
  return changed;
}

void simulated_sink::commit(std::uint64_t epoch) {
  task t{shard_, {epoch, 0, {}, {}, false}, {}};
  for (const auto& section : book_.commit(epoch))
    if (section->sets_marker) {
      t.facts.logs.push_back(section->epoch);
      t.logs.push_back(decoded<simulated_log>(*section->log));
    }
  t.then = epoch;
  if (!t.logs.empty()) {
    t.facts.after = t.logs.front().first;
    t.decision = {epoch_action::write, t.facts.after, t.facts.logs.back()};
  }
  t.now = stage::sending; // it owns the shard
  tasks_.push_back(std::move(t));
}

void simulated_sink::work() {
  if (!task_) {
    task_ = std::move(tasks_.front());
    tasks_.pop_front();
    if (how_ == mutant::marker_before_take_over && task_->now == stage::taking_over)
      task_->facts.marker = to_.marker(task_->shard);
    return;
  }
  auto& t = *task_;
  switch (t.now) {
  case stage::taking_over:
    if (how_ != mutant::no_take_over || !owners_.contains(t.shard))
      owners_[t.shard] = how_ == mutant::no_take_over ? 0 : to_.take_over(t.shard);
    t.now = how_ == mutant::marker_before_take_over ? stage::deciding : stage::reading;
    return;
  case stage::reading:
    t.facts.marker = to_.marker(t.shard);
    t.now = stage::deciding;
    return;
  case stage::deciding:
    return decide();
  case stage::sending: {
    if (t.logs.empty() || t.decision.action != epoch_action::write)
      return finish();
    std::vector<counted_row> rows;
    for (std::size_t i = 0; i < t.logs.size(); ++i)
      if (t.facts.logs[i] > t.decision.from)
        rows.insert(rows.end(), t.logs[i].second.begin(), t.logs[i].second.end());
    to_.send({t.shard, owners_[t.shard], t.decision.mark, std::move(rows), id_});
    t.now = stage::waiting;
    return;
  }
  case stage::waiting:
    return;
  }
}

void simulated_sink::decide() {
  auto& t = *task_;
  t.decision = decide_epoch(t.facts);
  if (how_ == mutant::always_written_again && !t.logs.empty())
    t.decision = {epoch_action::write, 0, t.facts.logs.back()};
  if (t.decision.action == epoch_action::nothing)
    return finish();
  if (t.decision.action != epoch_action::write) {
    refusal_ = explain_refusal(t.decision.action, t.facts, {"the marker", "", "a setting"});
    task_.reset();
    tasks_.clear();
    return;
  }
  t.now = stage::sending;
}

void simulated_sink::on_answer(bool known, bool refused) {
  if (!task_ || task_->now != stage::waiting)
    return;
  if (known && !refused)
    return finish();
  if (how_ == mutant::doubt_is_success && !known)
    return finish();
  task_->now = stage::taking_over; // it may be out or not: the marker tells, when nobody else can move it
  if (how_ == mutant::marker_before_take_over)
    task_->facts.marker = to_.marker(task_->shard);
}

void simulated_sink::finish() {
  const auto done = std::exchange(task_, std::nullopt);
  if (done->then != 0) {
    committed_ = done->then;
  } else if (done->last_of_restore) {
    restored_ = true;
    committed_ = checkpoint_;
    book_.restored(to_.marker(shard_).value_or(0));
  }
}

} // namespace leat::testing
