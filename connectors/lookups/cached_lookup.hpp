#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/lookups/circuit_breaker.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace leat {

/// What looking up a key has come to.
template <class Value>
struct lookup_result {
  std::shared_ptr<const Value> value{}; ///< null: there is none, or it failed
  std::string failure{};                ///< why it is not known, for a person; empty: it is
  std::string absence{};                ///< why there is none, as far as somebody has said so
  bool stale = false;                   ///< from the cache beyond its time, since asking has failed

  static lookup_result of(Value v) { return {.value = std::make_shared<const Value>(std::move(v))}; }

  /// An answer all the same: asking again would not change it soon.
  static lookup_result absent(const std::string& why = {}) { return {.absence = why}; }

  /// Asking again may help.
  static lookup_result failed(const std::string& why) { return {.failure = why}; }
};

/// How long what was looked up is believed.
struct lookup_options {
  std::size_t capacity = 100'000; ///< keys; the one that was not used for longest goes
  duration fresh_for{60'000};     ///< then it is asked for again
  duration absent_for{10'000};    ///< the same, of a key that there is nothing for
  duration stale_for{0};          ///< beyond that, for so long, it is better than a failure (RFC 5861)
  breaker_options breaker{};      ///< of whatever is asked
};

/// Looks up by keys through a cache: one question for a key at a time, however many want it, and none while a circuit breaker is open.
///
/// Shared by all actors of a step, in a `std::shared_ptr`. Thread-safe; answers come from the cache at once, on the caller's
/// thread, or on that of whoever tells what the question has come to.
template <class Key, class Value, class Hash = std::hash<Key>>
class cached_lookup : public std::enable_shared_from_this<cached_lookup<Key, Value, Hash>> {
public:
  using clock = std::chrono::steady_clock;
  using result = lookup_result<Value>;
  using answer = std::function<void(result)>;
  /// Asks outside, and tells the answer once, from any thread.
  using asker = std::function<void(const Key&, answer)>;
  using listener = std::function<void(circuit_breaker::state, const std::string& why)>;

  /// @param on_breaker told when the breaker opens or closes, and the last failure; for the log.
  cached_lookup(
    lookup_options options, asker ask, listener on_breaker = {}, std::function<clock::time_point()> now = &clock::now)
    : options_{options}, ask_{std::move(ask)},
      on_breaker_{std::move(on_breaker)}, now_{std::move(now)}, breaker_{options.breaker} {}

  /// What there is for the key, if the cache knows it: nobody is asked, and what `find` needs to wait is not made.
  [[nodiscard]] std::optional<result> known(const Key& key) {
    const std::lock_guard lock{mutex_};
    return fresh(key);
  }

  /// Tells `then` what there is for the key.
  void find(const Key& key, answer then) {
    {
      std::unique_lock lock{mutex_};
      if (const auto kept = fresh(key)) {
        lock.unlock();
        then(*kept);
        return;
      }
      auto& waiting = asked_[key];
      waiting.push_back(std::move(then));
      if (waiting.size() > 1) {
        ++counts_.joined;
        return;
      }
    }
    const auto call = breaker_.allow(now_());
    if (!call) {
      settle(key, result::failed("not asked: too many of the latest questions have failed"), {});
      return;
    }
    const auto open = std::make_shared<question>(this->shared_from_this(), key, *call);
    try {
      ask_(key, [open](result r) { open->answer(std::move(r)); });
    } catch (const std::exception& e) {
      open->answer(result::failed(e.what()));
    }
  }

  struct counts {
    std::uint64_t hits = 0, asked = 0, failed = 0, joined = 0, stale = 0;
  };
  [[nodiscard]] counts counted() const {
    const std::lock_guard lock{mutex_};
    return counts_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return entries_.size();
  }

private:
  using ticket = circuit_breaker::ticket;

  /// Is answered once; with a failure, when nobody can answer any more.
  class question {
  public:
    question(std::shared_ptr<cached_lookup> of, Key key, ticket call)
      : of_{std::move(of)}, key_{std::move(key)}, call_{call} {}
    question(const question&) = delete;
    question& operator=(const question&) = delete;
    ~question() { answer(result::failed("the question was given up without an answer")); }

    void answer(result r) {
      if (!answered_.exchange(true))
        of_->settle(key_, std::move(r), call_);
    }

  private:
    const std::shared_ptr<cached_lookup> of_;
    const Key key_;
    const ticket call_;
    std::atomic<bool> answered_ = false;
  };

  struct entry {
    std::shared_ptr<const Value> value; // null: known to be absent
    std::string absence;
    clock::time_point fresh_until, stale_until;
    typename std::list<Key>::iterator used;
  };

  std::optional<result> fresh(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end() || now_() >= found->second.fresh_until)
      return std::nullopt;
    ++counts_.hits;
    used_.splice(used_.begin(), used_, found->second.used);
    return result{.value = found->second.value, .absence = found->second.absence};
  }

  /// @param asked none: nobody was.
  void settle(const Key& key, result r, std::optional<ticket> asked) {
    if (asked && breaker_.note(*asked, r.failure.empty(), now_()) && on_breaker_)
      on_breaker_(breaker_.current(), r.failure);
    std::vector<answer> waiting;
    {
      const std::lock_guard lock{mutex_};
      counts_.asked += asked ? 1 : 0;
      counts_.failed += asked && !r.failure.empty() ? 1 : 0;
      if (r.failure.empty())
        keep(key, r);
      else if (const auto old = entries_.find(key); old != entries_.end() && now_() < old->second.stale_until) {
        ++counts_.stale;
        r = {.value = old->second.value, .absence = old->second.absence, .stale = true};
      }
      if (auto node = asked_.extract(key))
        waiting = std::move(node.mapped());
    }
    for (const auto& then : waiting)
      then(r);
  }

  void keep(const Key& key, const result& r) {
    const auto until = now_() + (r.value ? options_.fresh_for : options_.absent_for);
    const auto [at, is_new] = entries_.try_emplace(key);
    if (is_new)
      used_.push_front(key);
    else
      used_.splice(used_.begin(), used_, at->second.used);
    at->second = {r.value, r.absence, until, until + options_.stale_for, used_.begin()};
    if (entries_.size() > options_.capacity) {
      entries_.erase(used_.back());
      used_.pop_back();
    }
  }

  const lookup_options options_;
  const asker ask_;
  const listener on_breaker_;
  const std::function<clock::time_point()> now_;
  circuit_breaker breaker_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::unordered_map<Key, entry, Hash> entries_;
  std::list<Key> used_; // the latest first
  std::unordered_map<Key, std::vector<answer>, Hash> asked_;
  counts counts_;
};

} // namespace leat
