#pragma once

#include <leat/apps/fraud_alerts/records.hpp>
#include <leat/operators/keyed_process.hpp>
#include <leat/operators/state/value_state.hpp>

#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace leat::fraud {

/// The order of a user's transactions: by event time, those of one millisecond by their ids.
struct earlier {
  bool operator()(const transaction& a, const transaction& b) const {
    return std::tie(a.timestamp, a.transaction_id) < std::tie(b.timestamp, b.transaction_id);
  }
};

/// Raises an alert for each pair of one user's transactions that `Rule` objects to: the second one, and the latest before
/// it that may be the first of a pair, at most `window` earlier.
///
/// A transaction is judged when the watermark reaches it, so that it makes no difference in which order they arrive. A late
/// one is not judged, and is counted in `late_records`; it still counts as the one before those that follow it, unless a
/// newer one does.
///
/// A timer at the end of its window is set for each possible first transaction as it arrives, and makes the user forgotten.
/// It also holds the commit of positions until then: what a restart does not read again matters to nothing that is still
/// to be judged, and what it reads again of the time before is late.
///
/// `Rule` is a value with
///
///     duration window() const                                                 above zero
///     bool may_be_first(const transaction&) const
///     bool is_pair(const transaction& first, const transaction& second) const
///     alert raise(const transaction& first, const transaction& second) const
template <class Rule>
class pair_finder {
public:
  explicit pair_finder(Rule rule) : rule_{std::move(rule)} {}

  void open(state_registry& r) {
    r.add("waiting", waiting_);
    r.add("first", first_);
    late_ = &r.counter("late_records");
  }

  void process(const transaction& t, keyed_context<std::string>& c, collector<alert>&) {
    if (rule_.may_be_first(t))
      c.set_timer(t.timestamp + rule_.window());
    if (t.timestamp <= c.watermark()) {
      late_->add(1);
      remember(t);
      return;
    }
    waiting_.edit().insert(t);
    c.set_timer(t.timestamp);
  }

  void on_timer(timestamp when, keyed_context<std::string>&, collector<alert>& out) {
    judge_until(when, out);
    if (const auto* const first = first_.get(); first && first->timestamp + rule_.window() <= when)
      first_.clear();
  }

private:
  void judge_until(timestamp when, collector<alert>& out) {
    if (!waiting_.get())
      return;
    auto& waiting = waiting_.edit();
    auto next = waiting.begin();
    for (; next != waiting.end() && next->timestamp <= when; ++next) {
      if (const auto* const first = first_.get(); first && rule_.is_pair(*first, *next))
        out.push(rule_.raise(*first, *next));
      remember(*next);
    }
    waiting.erase(waiting.begin(), next);
    if (waiting.empty())
      waiting_.clear();
  }

  void remember(const transaction& t) {
    if (!rule_.may_be_first(t))
      return;
    if (const auto* const first = first_.get(); !first || earlier{}(*first, t))
      first_.set(t);
  }

  Rule rule_;
  metric* late_ = nullptr;
  value_state<std::multiset<transaction, earlier>> waiting_; // for the watermark
  value_state<transaction> first_;                           // not older than the window
};

} // namespace leat::fraud
