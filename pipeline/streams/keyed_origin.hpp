#pragma once

#include <leat/operators/keyed_process.hpp>
#include <leat/operators/partitioner.hpp>
#include <leat/pipeline/plan_builder.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace leat {

template <class T>
class stream;

/// Where a keyed step reads from and how its records find the shard of their key: what every keyed stream carries along.
template <class T, class KeyOf>
class keyed_origin {
public:
  using record = T;
  using key_type = std::remove_cvref_t<std::invoke_result_t<const KeyOf&, const T&>>;

  keyed_origin(std::shared_ptr<plan_builder> builder, stream_origins origins, KeyOf key_of, std::uint32_t parallelism = 0)
    : builder_{std::move(builder)}, origins_{std::move(origins)}, key_of_{std::move(key_of)}, parallelism_{parallelism} {}

  [[nodiscard]] const KeyOf& key_of() const noexcept { return key_of_; }

  /// Notes what is wrong with the description; nothing when `text` is empty.
  void check(const std::string& text) const {
    if (!text.empty())
      builder_->note_mistake(text);
  }

  /// Adds a keyed step.
  template <class Out>
  stream<Out> add(std::string_view kind, const std::function<std::unique_ptr<step>(step_context)>& make) const {
    const auto divide = [key_of = key_of_](edge_context c) -> std::unique_ptr<partitioner> {
      return std::make_unique<key_partitioner<T, KeyOf>>(std::string{c.to}, key_of, c.targets, c.max_parallelism);
    };
    auto added = builder_->add_keyed(origins_, kind, divide, make);
    if (parallelism_ != 0)
      builder_->set_parallelism(added, parallelism_);
    return {builder_, std::move(added)};
  }

  /// Adds a function with state and timers.
  template <class Out, class Function>
  stream<Out> add_function(std::string_view kind, Function function) const {
    return add<Out>(kind, [key_of = key_of_, function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<keyed_process_step<T, key_type, KeyOf, Out, Function>>(std::move(c), key_of, function);
    });
  }

private:
  std::shared_ptr<plan_builder> builder_;
  stream_origins origins_;
  KeyOf key_of_;
  std::uint32_t parallelism_; // 0: the job's
};

} // namespace leat
