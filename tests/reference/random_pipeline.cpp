#include <leat/tests/reference/random_pipeline.hpp>

#include <leat/operators/state/value_state.hpp>
#include <leat/pipeline/testing/test_specs.hpp>
#include <leat/tests/reference/keyed_models.hpp>

#include <set>

namespace leat::reference {

namespace {

/// A stream of both worlds.
struct both {
  stream<fact> real;
  std::vector<node*> model;          // several after a merge
  std::vector<std::size_t> channels; // that a reader hears
  std::set<std::size_t> sources;     // that it comes from
  bool in_order = true;              // whether records of one key come in one order, whatever the parallelism
  std::string text;
  bool merged = false; // a step behind it runs in actors of its own
};

/// What windows are aggregated to before they are a fact again.
struct summary {
  std::int64_t key, count, sum, most;
};
BOOST_DESCRIBE_STRUCT(summary, (), (key, count, sum, most))

fact fact_of(const summary& s) { return {s.key, digest(s.count, s.sum, s.most)}; }

struct list_digest {
  void operator()(
    std::int64_t key, const time_window&, std::span<const timed_record<fact>> records, collector<fact>& out) const {
    std::vector<std::int64_t> values;
    for (const auto& r : records)
      values.push_back(r.record.value);
    out.push(fact{key, ordered_digest(values)});
  }
};

struct running_digest {
  value_state<std::vector<std::int64_t>> values;

  void open(state_registry& r) { r.add("values", values); }
  void process(const fact& f, keyed_context<std::int64_t>&, collector<fact>& out) {
    values.edit().push_back(f.value);
    out.push(fact{f.key, ordered_digest(values.edit())});
  }
};

struct delayed_count {
  std::int64_t delay;
  value_state<std::int64_t> count{};

  void open(state_registry& r) { r.add("count", count); }
  void process(const fact&, keyed_context<std::int64_t>& c, collector<fact>&) {
    ++count.edit();
    if (const auto when = c.time() + duration{delay};
        when > c.watermark()) // others fire with the next watermark: when is that?
      c.set_timer(when);
  }
  void on_timer(timestamp, keyed_context<std::int64_t>& c, collector<fact>& out) { out.push(fact{c.key(), *count.get()}); }
};

struct join_facts {
  fact operator()(const fact& first, const fact& second) const { return (*this)(first, &second); }
  fact operator()(const fact& first, const fact* second) const {
    return {first.key, joined(first.value, second ? std::optional{second->value} : std::nullopt)};
  }
};

} // namespace

/// Reads choices and makes parts of both worlds of them.
class pipeline_builder {
public:
  pipeline_builder(random_pipeline& to, const pipeline_choice& choice) : to_{to}, choice_{choice} {}

  void build() {
    for (std::size_t s = 0; s < random_pipeline::sources; ++s)
      add_source(s);
    auto all = chosen(3);
    all.real.sink(testing::output<fact>("out"));
    to_.sink_ = &add<sink_node>({all});
    to_.text_ = all.text;
    lead_to_sinks();
  }

private:
  /// A number below `n`, read from the choice.
  std::int64_t below(std::int64_t n) { return next_ < choice_.size() ? choice_[next_++] % n : 0; }

  void add_source(std::size_t s) {
    const std::string name{static_cast<char>('a' + s)};
    both added{to_.job_.source(testing::input<fact>(name)), {}, {}, {s}, true, name};
    for (std::uint32_t p = 0; p < random_pipeline::partitions; ++p) {
      const auto channel = next_channel_++;
      auto made = std::make_unique<partition_node>(channel);
      to_.partitions_.push_back(made.get());
      added.model.push_back(made.get());
      added.channels.push_back(channel);
      to_.nodes_.push_back(std::move(made));
    }
    sources_.push_back(std::move(added));
  }

  /// Every source has to lead to a sink: what the pipeline does not read ends in one of its own.
  void lead_to_sinks() {
    for (const auto& s : sources_)
      if (!read_.contains(*s.sources.begin()))
        s.real.sink(testing::output<fact>("unread " + s.text));
  }

  both chosen(int depth) {
    switch (depth == 0 ? 0 : below(12)) {
    case 0:
      return source(static_cast<std::size_t>(below(random_pipeline::sources)));
    case 1:
      return mapped(chosen(depth - 1));
    case 2:
      return copied(chosen(depth - 1));
    case 3:
      return of_two(depth, &pipeline_builder::merged);
    case 4:
      return windowed(chosen(depth - 1));
    case 5:
      return late_windowed(chosen(depth - 1));
    case 6:
      return sessions(chosen(depth - 1));
    case 7:
      return timers(chosen(depth - 1));
    case 8:
      return in_order(chosen(depth - 1));
    case 9:
      return of_two(depth, &pipeline_builder::window_joined);
    case 10:
      return of_two(depth, &pipeline_builder::interval_joined);
    default:
      return of_two(depth, &pipeline_builder::looked_up);
    }
  }

  both of_two(int depth, both (pipeline_builder::*combined)(const both&, const both&)) {
    const auto first = chosen(depth - 1);
    const auto second = chosen(depth - 1);
    for (const auto s : first.sources)
      to_.has_detours_ = to_.has_detours_ || second.sources.contains(s);
    return (this->*combined)(first, second);
  }

  both source(std::size_t s) {
    read_.insert(s);
    return sources_[s];
  }

  static auto by_key(const both& b) { return b.real.key_by(&fact::key); }

  template <class Model, class... Arguments>
  Model& add(const std::vector<both>& inputs, Arguments&&... arguments) {
    std::vector<std::size_t> channels;
    for (const auto& i : inputs)
      channels.insert(channels.end(), i.channels.begin(), i.channels.end());
    auto made = std::make_unique<Model>(next_channel_, channels, std::forward<Arguments>(arguments)...);
    return connected(inputs, std::move(made));
  }

  template <class Model>
  Model& connected(const std::vector<both>& inputs, std::unique_ptr<Model> made) {
    for (std::size_t i = 0; i < inputs.size(); ++i)
      for (auto* const from : inputs[i].model)
        from->feed(*made, i);
    auto& added = *made;
    to_.nodes_.push_back(std::move(made));
    return added;
  }

  /// What an operator over `inputs` makes.
  both behind(const std::vector<both>& inputs, stream<fact> real, node& model, std::string text) {
    both made{std::move(real), {&model}, {next_channel_++}, {}, false, std::move(text)};
    for (const auto& i : inputs) {
      made.sources.insert(i.sources.begin(), i.sources.end());
      made.text += (&i == &inputs.front() ? "(" : ", ") + i.text;
    }
    made.text += ")";
    return made;
  }

  both stateless(const both& from, stream<fact> real, std::function<std::vector<fact>(const fact&)> f, const char* text) {
    auto made = from;
    made.real = std::move(real);
    if (from.merged) {
      made.model = {&add<merge_node>({from})};
      made.channels = {next_channel_++};
      made.merged = false;
    }
    made.model = {&connected({made}, std::make_unique<stateless_node>(std::move(f)))};
    made.text = std::string{text} + '(' + from.text + ')';
    return made;
  }

  both mapped(const both& from) {
    const auto keys = 1 + below(3);
    const auto f = [keys](const fact& x) { return fact{x.value % keys, small(x.value * 3 + x.key)}; };
    return stateless(
      from, from.real.map(f), [f](const fact& x) { return std::vector{f(x)}; }, "map");
  }

  both copied(const both& from) {
    const auto f = [](const fact& x) {
      return std::vector<fact>(static_cast<std::size_t>(x.value % 3), fact{x.key, small(x.value + 1)});
    };
    const auto real = from.real.flat_map<fact>([f](const fact& x, collector<fact>& out) {
      for (const auto& copy : f(x))
        out.push(copy);
    });
    return stateless(from, real, f, "copy");
  }

  both merged(const both& a, const both& b) {
    auto made = a;
    made.real = a.real.merge(b.real);
    made.model.insert(made.model.end(), b.model.begin(), b.model.end());
    made.channels.insert(made.channels.end(), b.channels.begin(), b.channels.end());
    made.sources.insert(b.sources.begin(), b.sources.end());
    made.in_order = a.in_order && b.in_order && made.sources.size() == a.sources.size() + b.sources.size();
    made.merged = true;
    made.text = "merge(" + a.text + ", " + b.text + ')';
    return made;
  }

  both windowed(const both& from) {
    const window_kind kind{.size = 5 + below(20), .slide = 3 + below(12), .offset = below(5)};
    const auto real = by_key(from)
                        .window(sliding(duration{kind.size}, duration{kind.slide}, duration{kind.offset}))
                        .aggregate<summary>(key, count, sum(&fact::value), max(&fact::value))
                        .map(fact_of);
    auto& model = add<window_model>({from}, kind);
    return behind({from}, real, model, "window");
  }

  /// How long a window emits again with every late record: the rows in between depend on the order of the records.
  std::int64_t lateness(const both& from) { return from.in_order ? below(2) * below(20) : 0; }

  both late_windowed(const both& from) {
    window_kind kind{.size = 5 + below(20), .slide = 0, .offset = 0, .lateness = lateness(from)};
    kind.slide = kind.size;
    kind.in_order = from.in_order && below(2) == 1;
    kind.late_aside = below(2) == 1;
    const side_output<fact> late{"late"};
    const auto windows =
      by_key(from).window(tumbling(duration{kind.size})).allowed_lateness(duration{kind.lateness}).late_output(late);
    const auto with_late = [&](const auto& rows, const stream<fact>& fired) {
      return kind.late_aside ? fired.merge(rows.side_output(late)) : fired;
    };
    auto& model = add<window_model>({from}, kind);
    if (kind.in_order) {
      const auto rows = windows.process<fact>(list_digest{});
      return behind({from}, with_late(rows, rows), model, "late window of lists");
    }
    const auto rows = windows.aggregate<summary>(key, count, sum(&fact::value), max(&fact::value));
    return behind({from}, with_late(rows, rows.map(fact_of)), model, "late window");
  }

  /// Which of two late records comes first decides whether the other still finds a session open.
  both sessions(const both& from) {
    if (!from.in_order)
      return windowed(from);
    const auto gap = 2 + below(15);
    const auto allowed = lateness(from);
    const auto real = by_key(from)
                        .window(session(duration{gap}))
                        .allowed_lateness(duration{allowed})
                        .aggregate<summary>(key, count, sum(&fact::value), max(&fact::value))
                        .map(fact_of);
    auto& model = add<session_model>({from}, gap, allowed);
    return behind({from}, real, model, "session");
  }

  both timers(const both& from) {
    const auto delay = below(20);
    auto& model = add<timer_model>({from}, delay);
    return behind({from}, by_key(from).process<fact>(delayed_count{delay}), model, "timers");
  }

  /// What depends on the order of a key's records; something else when there is none.
  both in_order(const both& from) {
    if (!from.in_order)
      return windowed(from);
    const auto count = below(4);
    if (count == 0) {
      auto& model = add<running_model>({from});
      return behind({from}, by_key(from).process<fact>(running_digest{}), model, "running");
    }
    auto& model = add<count_model>({from}, static_cast<std::size_t>(count));
    return behind({from}, by_key(from).count_window(count).process<fact>(list_digest{}), model, "count");
  }

  both window_joined(const both& a, const both& b) {
    const auto size = 5 + below(20);
    const bool left = below(2) == 1;
    const auto windows = by_key(a).join(by_key(b)).window(tumbling(duration{size}));
    const auto real = left ? windows.left(join_facts{}) : windows.inner(join_facts{});
    auto& model = add<window_join_model>({a, b}, size, left);
    return behind({a, b}, real, model, "window join");
  }

  both interval_joined(const both& a, const both& b) {
    const auto lower = below(25) - 15;
    const auto upper = lower + below(20);
    const bool left = below(2) == 1;
    const auto close = by_key(a).join(by_key(b)).between(duration{lower}, duration{upper});
    const auto real = left ? close.left(join_facts{}) : close.inner(join_facts{});
    auto& model = add<interval_join_model>({a, b}, lower, upper, left);
    return behind({a, b}, real, model, "interval join");
  }

  both looked_up(const both& a, const both& b) {
    if (!b.in_order)
      return window_joined(a, b);
    auto& model = add<lookup_model>({a, b});
    return behind({a, b}, by_key(a).lookup(by_key(b)).left(join_facts{}), model, "lookup");
  }

  random_pipeline& to_;
  const pipeline_choice& choice_;
  std::size_t next_ = 0;
  std::size_t next_channel_ = 0;
  std::vector<both> sources_;
  std::set<std::size_t> read_;
};

random_pipeline::random_pipeline(const pipeline_choice& choice) { pipeline_builder{*this, choice}.build(); }
random_pipeline::~random_pipeline() = default;

} // namespace leat::reference
