#pragma once

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>
#include <leat/operators/step.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

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
  friend class broadcast_states;

  void check_open() const {
    if (!writable_ || !*writable_)
      throw pipeline_error{"a broadcast state may be changed in process_broadcast only, and has to be named in the "
                           "function's open(…), as r.add(\"name\", state)"};
  }

  entries entries_;
  const bool* writable_ = nullptr;
};

/// The broadcast states of one actor of a step, as the step sees them. Where the states lie must not change.
class broadcast_states {
public:
  /// Whether the states may be changed at the moment.
  void set_writable(bool writable) noexcept { writable_ = writable; }

  /// @returns false when there is one of this name.
  template <class K, class V>
  bool add(std::string_view name, broadcast_state<K, V>& state) {
    state.writable_ = &writable_;
    return states_
      .try_emplace(
        std::string{name},
        saved{
          [&state](std::string_view n, state_writer& to) {
            for (const auto& [key, value] : state.entries_)
              to.put({n, encoded(key), encoded(value), state_owner::all});
          },
          [&state](const state_entry& e) { state.entries_.insert_or_assign(decoded<K>(e.key), decoded<V>(e.value)); },
          {std::string{name}, &typeid(V), &encoded_type_of<K>(), &encoded_type_of<V>()}})
      .second;
  }

  [[nodiscard]] bool contains(std::string_view name) const { return states_.contains(name); }

  [[nodiscard]] std::vector<state_description> describe() const {
    std::vector<state_description> all;
    for (const auto& [name, state] : states_)
      all.push_back(state.description);
    return all;
  }

  void save(state_writer& to) const {
    for (const auto& [name, state] : states_)
      state.save(name, to);
  }

  /// Takes back an entry. @returns false when there is no such state.
  bool load(const state_entry& entry) {
    const auto found = states_.find(entry.state);
    if (found == states_.end())
      return false;
    found->second.load(entry);
    return true;
  }

private:
  struct saved {
    std::function<void(std::string_view name, state_writer&)> save;
    std::function<void(const state_entry&)> load;
    state_description description;
  };

  std::map<std::string, saved, std::less<>> states_;
  bool writable_ = false;
};

template <class Slot>
class state_handle;

/// Where a function without keys names its broadcast states and counters, in `open`.
class broadcast_registry {
public:
  /// @param states gets those that are named; outlives them.
  broadcast_registry(const step_context& step, broadcast_states& states) : step_{&step}, states_{&states} {}

  /// A metric of the step, to be kept by reference: counts what the function wants counted.
  [[nodiscard]] metric& counter(std::string_view name) { return step_->metrics->get(name, step_->name, step_->instance); }

  /// @throws pipeline_error for a name that the function has given before.
  template <class K, class V>
  void add(std::string_view name, broadcast_state<K, V>& state) {
    check_name(name);
    if (!states_->add(name, state))
      throw two_states(name);
  }

  template <class Slot>
  void add(std::string_view, state_handle<Slot>&) {
    static_assert(!sizeof(Slot), "this state belongs to a key: write .key_by(…) before .with_broadcast(…)");
  }

protected:
  [[nodiscard]] const broadcast_states& broadcast() const noexcept { return *states_; }
  [[nodiscard]] const std::string& step_name() const noexcept { return step_->name; }

  /// @throws pipeline_error for a name that only Leat's own states may have.
  void check_name(std::string_view name) const {
    if (name.starts_with("leat."))
      throw pipeline_error{
        "step '" + step_->name + "' names a state '" + std::string{name} + "': names that begin with \"leat.\" are taken"};
  }

  [[nodiscard]] pipeline_error two_states(std::string_view name) const {
    return pipeline_error{
      "step '" + step_->name + "' has two states named '" + std::string{name} + "': give each a name of its own"};
  }

private:
  const step_context* const step_;
  broadcast_states* const states_;
};

} // namespace leat
