#pragma once

#include <leat/base/error.hpp>
#include <leat/operators/step.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace leat {

/// What every actor of a step knows of a broadcast stream: rules, rates, settings. A map, the same in all actors because
/// each of them gets every record of that stream and only those may change it. A member of the step's function, named in
/// its `open`. `K` needs `boost::hash` or `std::hash`.
template <class K, class V>
class broadcast_state {
public:
  using entries = boost::unordered_flat_map<K, V>;

  /// The value at `key`; null when there is none. Valid until the state is changed.
  [[nodiscard]] const V* get(const K& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool contains(const K& key) const { return entries_.contains(key); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  /// All entries, in no order: a range of `const std::pair<const K, V>&`.
  [[nodiscard]] const entries& all() const noexcept { return entries_; }

  // Changes, in `process_broadcast` only: elsewhere the actors would come to differ.

  /// @throws pipeline_error outside of `process_broadcast`.
  void set(const K& key, V value) {
    check_open();
    entries_.insert_or_assign(key, std::move(value));
  }
  void erase(const K& key) {
    check_open();
    entries_.erase(key);
  }
  void clear() {
    check_open();
    entries_.clear();
  }

private:
  friend class broadcast_registry;

  void check_open() const {
    if (!writable_ || !*writable_)
      throw pipeline_error{"a broadcast state may be changed in process_broadcast only, and has to be named in the "
                           "function's open(…), as r.add(\"name\", state)"};
  }

  entries entries_;
  const bool* writable_ = nullptr;
};

template <class Slot>
class state_handle;

/// Where a function without keys names its broadcast states and counters, in `open`.
class broadcast_registry {
public:
  /// @param writable whether the states may be changed at the moment; outlives them.
  broadcast_registry(const step_context& step, const bool& writable) : step_{&step}, writable_{&writable} {}

  /// A metric of the step, to be kept by reference: counts what the function wants counted.
  [[nodiscard]] metric& counter(std::string_view name) { return step_->metrics->get(name, step_->name, step_->instance); }

  /// @throws pipeline_error for a name that the function has given before.
  template <class K, class V>
  void add(std::string_view name, broadcast_state<K, V>& state) {
    if (!names_.emplace(name).second)
      throw two_states(name);
    state.writable_ = writable_;
  }

  template <class Slot>
  void add(std::string_view, state_handle<Slot>&) {
    static_assert(!sizeof(Slot), "this state belongs to a key: write .key_by(…) before .with_broadcast(…)");
  }

protected:
  [[nodiscard]] pipeline_error two_states(std::string_view name) const {
    return pipeline_error{
      "step '" + step_->name + "' has two states named '" + std::string{name} + "': give each a name of its own"};
  }

private:
  const step_context* const step_;
  const bool* const writable_;
  std::set<std::string, std::less<>> names_;
};

} // namespace leat
