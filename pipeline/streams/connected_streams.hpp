#pragma once

#include <leat/operators/broadcast_process.hpp>
#include <leat/operators/keyed_co_process.hpp>
#include <leat/operators/side_output.hpp>
#include <leat/pipeline/streams/keyed_origin.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace leat {

/// Two streams divided by the same kind of key, for a function with state and timers that both share.
template <class Origin, class Other>
class connected_streams {
  using first = typename Origin::record;
  using second = typename Other::record;
  using key_type = typename Origin::key_type;

public:
  connected_streams(Origin origin, Other other) : origin_{std::move(origin)}, other_{std::move(other)} {}

  /// Runs `f` over each key's records of both streams: see `keyed_co_process_function`.
  template <class Out, class Function>
  stream<Out> process(Function function) const {
    static_assert(
      keyed_co_process_function<Function, first, second, key_type, Out>,
      "process<Out>(f): f has members process_first(const First&, leat::keyed_context<Key>&, leat::collector<Out>&) and "
      "process_second(const Second&, leat::keyed_context<Key>&, leat::collector<Out>&), Key being what key_by returns");
    return origin_.template add_function_with<Out>(other_, "co-process", std::move(function));
  }

private:
  Origin origin_;
  Other other_;
};

namespace detail {

/// A function over two streams without keys, in the form that runs beside a broadcast stream: both are only read.
template <class Function>
struct plain_co_process {
  Function function;

  [[nodiscard]] bool emits_to(std::string_view side_output) const { return may_emit_to(function, side_output); }

  template <class First, class Out>
  void process(const First& record, process_context& context, collector<Out>& out) {
    function.process_first(record, context, out);
  }
  template <class Second, class Out>
  void process_broadcast(const Second& record, process_context& context, collector<Out>& out) {
    function.process_second(record, context, out);
  }
};

/// Maps the records of two streams to one type.
template <class OfFirst, class OfSecond>
struct co_map {
  OfFirst of_first;
  OfSecond of_second;

  [[nodiscard]] static bool emits_to(std::string_view) { return false; }

  template <class First, class Out>
  void process_first(const First& record, process_context&, collector<Out>& out) {
    out.push(std::invoke(of_first, record));
  }
  template <class Second, class Out>
  void process_second(const Second& record, process_context&, collector<Out>& out) {
    out.push(std::invoke(of_second, record));
  }
};

} // namespace detail

/// Two streams without keys, for a function over both that keeps nothing.
template <class First, class Second>
class plain_connected_streams {
public:
  plain_connected_streams(std::shared_ptr<plan_builder> builder, stage_input first, stage_input second)
    : builder_{std::move(builder)}, first_{std::move(first)}, second_{std::move(second)} {}

  /// Calls `f.process_first(const First&, process_context&, collector<Out>&)` and `f.process_second(const Second&, …)`.
  template <class Out, class Function>
  stream<Out> process(Function f) const {
    static_assert(
      requires(Function & g, const First& first, const Second& second, process_context& context, collector<Out>& out) {
        g.process_first(first, context, out);
        g.process_second(second, context, out);
      },
      "process<Out>(f): f has members process_first(const First&, leat::process_context&, leat::collector<Out>&) and "
      "process_second(const Second&, leat::process_context&, leat::collector<Out>&); with state or timers it needs keys: "
      "a.key_by(…).connect(b.key_by(…))");
    static_assert(
      !requires(Function & g, state_registry & states) { g.open(states); },
      "process<Out>(f): f has states, and they belong to keys: a.key_by(…).connect(b.key_by(…)).process<Out>(f)");
    using function = detail::plain_co_process<Function>;
    const auto make = [f](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<broadcast_step<First, Second, Out, function>>(std::move(c), function{f});
    };
    return {builder_, builder_->add_stage(stage_kind::worker, {first_, second_}, "co-process", make)};
  }

  /// Turns the records of both streams into one type: `of_first(record)`, `of_second(record)`.
  template <class OfFirst, class OfSecond>
  auto map(OfFirst of_first, OfSecond of_second) const {
    using output = std::remove_cvref_t<std::invoke_result_t<OfFirst&, const First&>>;
    static_assert(
      std::is_same_v<output, std::remove_cvref_t<std::invoke_result_t<OfSecond&, const Second&>>>,
      "map(f, g): f takes a record of the first stream by const reference, g one of the second, and both return one type");
    return process<output>(detail::co_map<OfFirst, OfSecond>{std::move(of_first), std::move(of_second)});
  }

private:
  std::shared_ptr<plan_builder> builder_;
  stage_input first_;
  stage_input second_;
};

/// A stream divided by key beside a broadcast stream, which every actor gets all of.
template <class Origin, class B>
class keyed_with_broadcast {
  using T = typename Origin::record;
  using key_type = typename Origin::key_type;

public:
  keyed_with_broadcast(Origin origin, stage_input broadcast)
    : origin_{std::move(origin)}, broadcast_{std::move(broadcast)} {}

  /// Runs `f` over each key's records: see `broadcast_process_function`.
  template <class Out, class Function>
  stream<Out> process(Function function) const {
    static_assert(
      broadcast_process_function<Function, T, B, keyed_context<key_type>, Out>,
      "process<Out>(f): f has members process(const T&, leat::keyed_context<Key>&, leat::collector<Out>&), Key being what "
      "key_by returns, and process_broadcast(const B&, leat::collector<Out>&), or (const B&, leat::process_context&, "
      "leat::collector<Out>&)");
    using key_of_type = typename Origin::key_of_type;
    const auto make = [key_of = origin_.key_of(), function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<keyed_broadcast_step<T, B, key_type, key_of_type, Out, Function>>(
        std::move(c), key_of, function);
    };
    return origin_.template add<Out>("broadcast-process", make, {broadcast_});
  }

private:
  Origin origin_;
  stage_input broadcast_;
};

/// A stream without keys beside a broadcast stream, which every actor gets all of.
template <class T, class B>
class stream_with_broadcast {
public:
  stream_with_broadcast(std::shared_ptr<plan_builder> builder, stage_input origin, stage_input broadcast)
    : builder_{std::move(builder)}, origin_{std::move(origin)}, broadcast_{std::move(broadcast)} {}

  /// Runs `f` over the records: see `broadcast_process_function`.
  template <class Out, class Function>
  stream<Out> process(Function function) const {
    static_assert(
      broadcast_process_function<Function, T, B, process_context, Out>,
      "process<Out>(f): f has members process(const T&, leat::process_context&, leat::collector<Out>&) and "
      "process_broadcast(const B&, leat::collector<Out>&), or (const B&, leat::process_context&, leat::collector<Out>&)");
    const auto make = [function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<broadcast_step<T, B, Out, Function>>(std::move(c), function);
    };
    return {builder_, builder_->add_stage(stage_kind::worker, {origin_, broadcast_}, "broadcast-process", make)};
  }

private:
  std::shared_ptr<plan_builder> builder_;
  stage_input origin_;
  stage_input broadcast_;
};

} // namespace leat
