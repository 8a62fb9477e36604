#pragma once

#include <leat/operators/keyed_co_process.hpp>
#include <leat/operators/keyed_process.hpp>
#include <leat/operators/mistake.hpp>
#include <leat/operators/partitioner.hpp>
#include <leat/pipeline/plan_builder.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

template <class T>
class stream;

/// Where a keyed step reads from and how its records find the shard of their key: what every keyed stream carries along.
template <class T, class KeyOf>
class keyed_origin {
public:
  using record = T;
  using key_of_type = KeyOf;
  using key_type = std::remove_cvref_t<std::invoke_result_t<const KeyOf&, const T&>>;

  keyed_origin(std::shared_ptr<plan_builder> builder, stream_origins origins, KeyOf key_of, std::uint32_t parallelism = 0)
    : builder_{std::move(builder)}, origins_{std::move(origins)}, key_of_{std::move(key_of)}, parallelism_{parallelism} {}

  [[nodiscard]] const KeyOf& key_of() const noexcept { return key_of_; }
  [[nodiscard]] const std::shared_ptr<plan_builder>& builder() const noexcept { return builder_; }

  /// What a stage reads that continues this stream.
  [[nodiscard]] stage_input input() const {
    const auto divide = [key_of = key_of_](edge_context c) -> std::unique_ptr<partitioner> {
      return std::make_unique<key_partitioner<T, KeyOf>>(std::string{c.to}, key_of, c.targets, c.max_parallelism);
    };
    return {origins_, divide, parallelism_, record_kind_of<T>()};
  }

  /// The stream without its key, for a step that keeps nothing: each key's records go to one of its actors.
  [[nodiscard]] stream<T> by_key() const { return {builder_, input()}; }

  /// Notes what is wrong with the description; nothing when `text` is empty.
  void check(const std::string& text) const {
    if (!text.empty())
      builder_->note_mistake(text);
  }

  /// The same for a trigger, evictor or aggregate, which may have a `mistake()`.
  template <class Part>
  void check_part(const Part& part) const {
    check(mistake_of(part));
  }

  /// Adds a keyed step. @param second what feeds its second input, if it has one.
  template <class Out>
  stream<Out> add(std::string_view kind, const make_step& make, std::vector<stage_input> second = {}) const {
    auto inputs = std::move(second);
    inputs.insert(inputs.begin(), input());
    return {builder_, builder_->add_stage(stage_kind::keyed, inputs, kind, make)};
  }

  /// Adds a function with state and timers.
  template <class Out, class Function>
  stream<Out> add_function(std::string_view kind, Function function) const {
    return add<Out>(kind, [key_of = key_of_, function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<keyed_process_step<T, key_type, KeyOf, Out, Function>>(std::move(c), key_of, function);
    });
  }

  /// Adds a function with state and timers over this stream and another that is divided by the same kind of key.
  template <class Out, class Other, class Function>
  stream<Out> add_function_with(const Other& other, std::string_view kind, Function function) const {
    if (other.builder() != builder_)
      builder_->note_mistake("streams of two jobs cannot be connected: write to a topic in one and read it in the other");
    using second = typename Other::record;
    using second_key_of = typename Other::key_of_type;
    const auto make = [key_of = key_of_, other_key_of = other.key_of(), function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<keyed_co_process_step<T, second, key_type, KeyOf, second_key_of, Out, Function>>(
        std::move(c), key_of, other_key_of, function);
    };
    return add<Out>(kind, make, {other.input()});
  }

private:
  std::shared_ptr<plan_builder> builder_;
  stream_origins origins_;
  KeyOf key_of_;
  std::uint32_t parallelism_; // 0: the job's
};

} // namespace leat
