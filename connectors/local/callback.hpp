#pragma once

#include <leat/base/user_code.hpp>
#include <leat/connectors/immediate_writer.hpp>
#include <leat/connectors/spec.hpp>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace leat {

/// Calls a function with each record, in the sink's actors.
template <class T, class Function>
class callback_sink final : public sink {
public:
  explicit callback_sink(Function function) : function_{std::move(function)} {}

  void open(const connector_context& context) override { step_ = context.step; }

  std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker) override {
    return std::make_unique<writer>(step_, function_);
  }

private:
  class writer final : public immediate_writer {
  public:
    writer(std::string step, Function function) : step_{std::move(step)}, function_{std::move(function)} {}

    std::size_t write(const batch_base& in, std::size_t from) override {
      const auto records = static_cast<const batch<T>&>(in).records().subspan(from);
      run_user_code(step_, {}, [&] {
        for (const auto& r : records)
          std::invoke(function_, r);
      });
      return records.size();
    }

  private:
    const std::string step_;
    Function function_;
  };

  std::string step_;
  const Function function_;
};

/// Describes the calling of a function; see `callback`.
template <class T, class Function>
class callback_spec {
public:
  using record = T;

  explicit callback_spec(Function function) : function_{std::move(function)} {}

  // What `.sink(…)` asks:
  [[nodiscard]] std::string name() const { return "callback"; }
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const { return std::make_shared<callback_sink<T, Function>>(function_); }

private:
  Function function_;
};

/// A sink that calls `function(record)`: `.sink(callback<alert>([](const alert& a) { … }))`. Each of the sink's actors has a
/// copy of the function and calls it from its own thread: what they share has to be safe for that, or the sink gets
/// `.with_parallelism(1)`. The function should not wait for anything.
template <class T, class Function>
callback_spec<T, Function> callback(Function function) {
  static_assert(std::is_invocable_v<Function&, const T&>, "callback<T>(f): f takes a record by const reference");
  return callback_spec<T, Function>{std::move(function)};
}

} // namespace leat
