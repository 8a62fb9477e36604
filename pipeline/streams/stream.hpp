#pragma once

#include <leat/connectors/spec.hpp>
#include <leat/operators/async/async_step.hpp>
#include <leat/operators/distribution.hpp>
#include <leat/operators/filter.hpp>
#include <leat/operators/map.hpp>
#include <leat/operators/process.hpp>
#include <leat/operators/split.hpp>
#include <leat/operators/validate.hpp>
#include <leat/pipeline/plan_builder.hpp>
#include <leat/pipeline/streams/connected_streams.hpp>
#include <leat/pipeline/streams/keyed_stream.hpp>
#include <leat/pipeline/streams/placed_sink.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace leat {

/// The key of `stream::all`.
using everything = std::int32_t;

/// Gives all records one key.
template <class T>
struct same_key {
  everything operator()(const T&) const noexcept { return 0; }
};

/// Records of type `T` on their way through a job. A value: copy it to let several branches read the same records.
///
/// The calls describe steps; nothing runs before `leat::run`. A step's function is copied into every actor that runs the
/// step: it must not share mutable state with anything.
template <class T>
class stream {
public:
  stream(std::shared_ptr<plan_builder> builder, stream_origins origins, distribution how = distribution::forward)
    : builder_{std::move(builder)}, origins_{std::move(origins)}, how_{how} {}

  /// Records that find the actor of the next step, or of the sink, as `next` says.
  stream(std::shared_ptr<plan_builder> builder, stage_input next)
    : stream{std::move(builder), std::move(next.from), distribution::rebalance} { // as to where the next step runs
    custom_ = std::move(next.divide);
    parallelism_ = next.parallelism;
  }

  /// Keeps the records for which `predicate(record)` is true.
  template <class Predicate>
  stream filter(Predicate predicate) const {
    static_assert(
      std::is_invocable_r_v<bool, Predicate&, const T&>, "filter(f): f takes a record by const reference and returns bool");
    return with_step<T>("filter", [predicate](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<filter_step<T, Predicate>>(std::move(c), predicate);
    });
  }

  /// Turns each record into `function(record)`.
  template <class Function>
  auto map(Function function) const {
    static_assert(
      std::is_invocable_v<Function&, T&&>,
      "map(f): f takes a record, by const reference or by value, and returns what it becomes");
    using output = std::remove_cvref_t<std::invoke_result_t<Function&, T&&>>;
    static_assert(
      !std::is_void_v<output>, "map(f): f returns nothing; use filter to drop records and flat_map to emit any number");
    return with_step<output>("map", [function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<map_step<T, output, Function>>(std::move(c), function);
    });
  }

  /// Calls `function(record, out)` for each record; whatever it gives to `out.push(…)`, of type `U`, goes on.
  template <class U, class Function>
  stream<U> flat_map(Function function) const {
    static_assert(
      std::is_invocable_v<Function&, const T&, collector<U>&>,
      "flat_map<U>(f): f takes a record by const reference and a leat::collector<U>&");
    return with_step<U>("flat-map", [function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<process_step<T, U, Function>>(std::move(c), function);
    });
  }

  /// Calls `function(record, context, out)` for each record: a flat map that also knows the event time, and emits to side
  /// outputs by `context.emit(output, record)`.
  template <class U, class Function>
  stream<U> process(Function function) const {
    static_assert(
      std::is_invocable_v<Function&, const T&, process_context&, collector<U>&>,
      "process<U>(f): f takes a record by const reference, a leat::process_context& and a leat::collector<U>&");
    static_assert(
      !requires(Function & f, state_registry & r) { f.open(r); },
      "process<U>(f): f keeps state, which belongs to a key: write .key_by(…) before it");
    return with_step<U>("process", [function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<process_step<T, U, Function>>(std::move(c), function);
    });
  }

  /// Calls `function(record, result)` for each record, which asks something outside and lets `result.complete(…)` be called
  /// later, from any thread: see `async_function`. Up to `options.capacity` calls are on their way at a time in each actor.
  template <class U, class Function>
  stream<U> async(Function function, async_options options = {}) const {
    static_assert(
      async_function<Function, T, U>,
      "async<U>(f): f takes a record by const reference and a leat::async_result<U>, and returns at once");
    static_assert(
      !requires(Function & f, state_registry & r) { f.open(r); },
      "async<U>(f): f has an open(state_registry&), but calls have no key and no state: keep a cache in an object of your "
      "own that all copies of f share, and guard it, as actors run at the same time");
    if (const auto mistake = options.mistake(); !mistake.empty())
      builder_->note_mistake(mistake);
    return with_worker<U>("async", [function, options](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<async_step<T, U, Function>>(std::move(c), options, function);
    });
  }

  /// Keeps the records that `function(record, objections)` has nothing against; the others go to the dead letters, with every
  /// reason that it has given by `objections.add("…")`, or with what it throws.
  template <class Function>
  stream validate(Function function) const {
    static_assert(
      std::is_invocable_v<Function&, const T&, objections&>,
      "validate(f): f takes a record by const reference and a leat::objections&, to which it adds what is wrong");
    return with_step<T>(
             "validate",
             [function](step_context c) -> std::unique_ptr<step> {
               return std::make_unique<validate_step<T, Function>>(std::move(c), function);
             })
      .dead_letters();
  }

  /// A record for which the function of the step before throws goes to the dead letters, with what the exception and those
  /// nested in it say, and the job goes on. Without this it ends the job. What the function has emitted before it throws, and
  /// what it has changed of its state, stays.
  ///
  /// For `map`, `filter`, `flat_map`, `process` (with and without a key), `async`; see docs/formats/dead_letters.md.
  stream dead_letters() const {
    builder_->add_dead_letters(origins_);
    return *this;
  }

  /// What the function of the step before emits to `from`, beside its main output.
  template <class S>
  stream<S> side_output(const leat::side_output<S>& from) const {
    return {builder_, builder_->add_side_output(origins_, from.name, batch<S>::type())};
  }

  /// Divides the stream by predicates: `const auto [large, small, rest] = s.split(is_large, is_small)`. Each record goes to
  /// the branch of the first predicate that is true for it, or to the last branch. Branches may be left unread.
  template <class... Predicates>
  std::array<stream, sizeof...(Predicates) + 1> split(Predicates... predicates) const {
    static_assert(
      (std::is_invocable_r_v<bool, Predicates&, const T&> && ...),
      "split(f…): each f takes a record by const reference and returns bool");
    const std::tuple<Predicates...> all{std::move(predicates)...};
    const auto divided = with_step<T>("split", [all](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<split_step<T, Predicates...>>(std::move(c), all);
    });
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<stream, sizeof...(I)>{divided.side_output(leat::side_output<T>{branch_name(I)})...};
    }
    (std::index_sequence_for<Predicates..., void>{});
  }

  /// Deals the records out in turn to the actors of the next step, or of the sink: for work that is uneven, or that needs
  /// more actors than the source has partitions. Order is not kept. `key_by` decides by key instead.
  stream rebalance() const { return {builder_, origins_, distribution::rebalance}; }

  /// Sends each record to the actor of the next step, or of the sink, that `target_of(record, actors)` says, counted from 0. Not
  /// for state: what belongs together by key is together behind `key_by`, at any parallelism.
  template <class TargetOf>
  stream partition_custom(TargetOf target_of) const {
    static_assert(
      std::is_invocable_r_v<std::size_t, TargetOf&, const T&, std::size_t>,
      "partition_custom(f): f takes a record by const reference and the number of actors, and returns which of them, from "
      "0");
    const make_partitioner divide = [target_of](edge_context c) -> std::unique_ptr<partitioner> {
      return std::make_unique<custom_partitioner<T, TargetOf>>(std::string{c.to}, target_of);
    };
    return {builder_, stage_input{origins_, divide, 0, record_kind_of<T>()}};
  }

  /// Sends every record to each of the actors of the next step, or of the sink.
  stream broadcast() const { return {builder_, origins_, distribution::broadcast}; }

  /// Sends each record to the shard that owns its key: a member, or a function of the record. Records of one key stay in
  /// order.
  template <class KeyOf>
  keyed_stream<T, KeyOf> key_by(KeyOf key_of) const {
    static_assert(
      std::is_invocable_v<const KeyOf&, const T&>,
      "key_by(k): k is a member of the record, or a function that takes it by const reference and returns the key");
    return keyed_stream<T, KeyOf>{{builder_, origins_, std::move(key_of)}};
  }

  /// The whole stream as if it had one key, in one actor, for windows over all of it:
  /// `.all().window(tumbling(1min)).aggregate<…>(…)`. The key is an `everything`.
  keyed_stream<T, same_key<T>> all() const { return keyed_stream<T, same_key<T>>{{builder_, origins_, same_key<T>{}, 1}}; }

  /// This stream beside one that every actor gets all of, such as rules: `….with_broadcast(rules).process<Out>(f)`.
  template <class B>
  stream_with_broadcast<T, B> with_broadcast(const stream<B>& broadcast) const {
    return {builder_, input(), broadcast.broadcast_input()};
  }

  /// This stream and another, for a function over both that keeps nothing: `a.connect(b).process<Out>(f)`, or `.map(f, g)`.
  /// With keys, `a.key_by(…).connect(b.key_by(…))`, it may have state and timers.
  template <class U>
  plain_connected_streams<T, U> connect(const stream<U>& other) const {
    if (other.builder_ != builder_)
      builder_->note_mistake("streams of two jobs cannot be connected: write to a topic in one and read it in the other");
    return {builder_, input(), other.input()};
  }

  /// What the second input of a step with broadcast state reads.
  [[nodiscard]] stage_input broadcast_input() const {
    return {
      origins_, [](edge_context) -> std::unique_ptr<partitioner> { return std::make_unique<broadcast_partitioner>(); }, 0,
      record_kind_of<T>(), true};
  }

  /// The union of this stream and others. The order between records of different streams is not fixed.
  template <class... Others>
  stream merge(const Others&... others) const {
    static_assert((std::is_same_v<Others, stream> && ...), "merge(…): all streams have the same record type");
    if (how_ != distribution::forward || ((others.how_ != distribution::forward) || ...))
      builder_->note_mistake(".merge(…) of a stream with .rebalance(), .partition_custom(…) or .broadcast(): these belong "
                             "right before the step that they are for");
    auto all = origins_;
    (all.insert(all.end(), others.origins_.begin(), others.origins_.end()), ...);
    return {builder_, std::move(all)};
  }

  /// Writes the records out.
  template <class Spec>
  placed_sink sink(const Spec& to) const {
    static_assert(sink_spec<Spec>, "sink(…) takes a sink, such as kafka::sink<T>(\"topic\", json)");
    static_assert(std::is_same_v<typename Spec::record, T>, "sink(…): the sink's record type is not that of the stream");
    std::string name = to.name();
    if constexpr (requires { Spec::named_by_default; }) // nobody has chosen the name: several may have it
      name = builder_->free_name(name);
    return {builder_, builder_->add_sink(input(), std::move(name), to.make_sink(), to.guarantee(), batch<T>::type())};
  }

  /// Windows need keys: `.key_by(…)` comes first.
  template <class Spec>
  void window(const Spec&) const {
    static_assert(
      !sizeof(Spec),
      "window(…) needs a keyed stream: write .key_by(…) before it, or .all() for one window over everything");
  }

  /// Names the last step, for metrics, errors and saved state.
  stream named(std::string name) const {
    builder_->rename(origins_, std::move(name));
    return *this;
  }

  /// Identifies the last step's saved state, instead of its name: so that the name may change.
  stream uid(std::string uid) const {
    builder_->set_uid(origins_, std::move(uid));
    return *this;
  }

  /// Runs the last step that has actors of its own, and what is chained behind it, in so many actors: a keyed one, also a
  /// `map` or `filter` right behind `key_by`; one after `rebalance`, `partition_custom`, `broadcast` or `merge`.
  stream with_parallelism(std::uint32_t parallelism) const {
    builder_->set_parallelism(origins_, parallelism);
    return *this;
  }

private:
  template <class>
  friend class stream;

  /// A step runs where its records are, unless they come from several places or are to be dealt out.
  template <class U>
  stream<U> with_step(std::string_view kind, const make_step& make) const {
    if (origins_.size() == 1 && how_ == distribution::forward)
      return {builder_, builder_->add_step(origins_, kind, make)};
    return with_worker<U>(kind, make);
  }

  /// A step in actors of its own.
  template <class U>
  stream<U> with_worker(std::string_view kind, const make_step& make) const {
    return {builder_, builder_->add_stage(stage_kind::worker, {input()}, kind, make)};
  }

  /// What a stage reads that continues this stream.
  [[nodiscard]] stage_input input() const {
    if (custom_)
      return {origins_, custom_, parallelism_, record_kind_of<T>()};
    return {
      origins_, [how = how_](edge_context c) { return make_distributor<T>(how, c.instance); }, 0, record_kind_of<T>(),
      how_ == distribution::broadcast};
  }

  std::shared_ptr<plan_builder> builder_;
  stream_origins origins_;
  distribution how_;
  make_partitioner custom_;       // instead of `how_`, when there is one
  std::uint32_t parallelism_ = 0; // see `stage_input`
};

} // namespace leat
