#pragma once

#include <leat/operators/broadcast_process.hpp>
#include <leat/operators/keyed_co_process.hpp>
#include <leat/pipeline/streams/keyed_origin.hpp>

#include <memory>
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
