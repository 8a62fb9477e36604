#include <leat/tests/reference/random_pipeline.hpp>

#include <leat/pipeline/testing/test_specs.hpp>
#include <leat/tests/reference/parts.hpp>

#include <algorithm>
#include <iterator>

namespace leat::reference {

namespace {

using one_stream_part = both (*)(pipeline_builder&, const both&);
using two_streams_part = both (*)(pipeline_builder&, const both&, const both&);

// Those that need an order, or are several operators, are there twice.
constexpr one_stream_part of_one[] = {
  mapped,
  copied,
  split,
  side_outputs,
  rebalanced,
  partitioned,
  asynchronous,
  windowed,
  late_windowed,
  reduced_windows,
  windows_over_all,
  further_aggregates,
  aggregated_then_processed_windows,
  remembering_windows,
  remembering_sessions,
  sessions,
  triggered,
  evicting,
  counted,
  by_the_clock,
  timers,
  running,
  processing_timers,
  keeping_state,
  keeping_state,
  running,
  triggered,
  evicting,
  by_the_clock,
};
constexpr two_streams_part of_two[] = {
  merged,         window_joined,  co_grouped,        interval_joined, looked_up,        looked_up_latest,
  co_processed,   with_broadcast, co_grouped,        looked_up,       looked_up_latest, co_processed,
  with_broadcast, with_broadcast, plainly_connected, interval_joined, co_grouped,
};

} // namespace

void pipeline_builder::build() {
  for (std::size_t s = 0; s < random_pipeline::sources; ++s)
    add_source(s);
  auto all = chosen(3);
  all.real.sink(testing::output<fact>("out"));
  to_.sink_ = &add<sink_node>({all});
  to_.text_ = all.text;
  lead_to_sinks();
}

void pipeline_builder::add_source(std::size_t s) {
  const std::string name{static_cast<char>('a' + s)};
  both added{
    .real = to_.job_.source(testing::input<fact>(name)), .sources = {s}, .order = record_order::of_all, .text = name};
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
void pipeline_builder::lead_to_sinks() {
  for (const auto& s : sources_)
    if (!read_.contains(*s.sources.begin()))
      s.real.sink(testing::output<fact>("unread " + s.text));
}

both pipeline_builder::chosen(int depth) {
  constexpr auto ones = static_cast<std::int64_t>(std::size(of_one));
  constexpr auto twos = static_cast<std::int64_t>(std::size(of_two));
  const auto which = depth == 0 ? 0 : below(1 + ones + twos);
  if (which == 0)
    return source();
  if (which > ones)
    return with_two(depth, of_two[which - 1 - ones]);
  const auto from = chosen(depth - 1);
  return of_one[which - 1](*this, from);
}

both pipeline_builder::with_two(int depth, two_streams_part part) {
  const auto first = chosen(depth - 1);
  const auto second = chosen(depth - 1);
  for (const auto s : first.sources)
    if (second.sources.contains(s))
      note_detour();
  return part(*this, first, second);
}

/// More often one that has not been read: what needs an order of two streams finds it only when they come from different ones.
both pipeline_builder::source() {
  auto s = static_cast<std::size_t>(below(random_pipeline::sources));
  if (read_.contains(s) && coin())
    s = random_pipeline::sources - 1 - s;
  read_.insert(s);
  return sources_[s];
}

void pipeline_builder::connect(const std::vector<both>& inputs, std::unique_ptr<node> made) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    for (auto* const from : inputs[i].model)
      from->feed(*made, i);
  to_.nodes_.push_back(std::move(made));
}

both pipeline_builder::behind(const std::vector<both>& inputs, stream<fact> real, node& model, const std::string& name) {
  both made{.real = std::move(real), .model = {&model}, .channels = {next_channel_++}, .text = name};
  for (const auto& i : inputs) {
    made.sources.insert(i.sources.begin(), i.sources.end());
    made.timed = made.timed || i.timed;
    made.joined += i.joined;
    made.text += (&i == &inputs.front() ? "(" : ", ") + i.text;
  }
  made.text += ")";
  made.joined += inputs.size() - 1;
  note(name);
  return made;
}

both pipeline_builder::stateless(
  const both& from, stream<fact> real, std::function<std::vector<fact>(const fact&)> function, const std::string& name) {
  if (from.merged)
    return worker(from, std::move(real), std::move(function), name);
  auto made = from;
  made.real = std::move(real);
  auto applied = std::make_unique<stateless_node>(std::move(function));
  made.model = {applied.get()};
  connect({from}, std::move(applied));
  made.text = name + '(' + from.text + ')';
  note(name);
  return made;
}

both pipeline_builder::worker(
  const both& from, stream<fact> real, std::function<std::vector<fact>(const fact&)> function, const std::string& name) {
  auto heard = from;
  heard.model = {&add<merge_node>({from})};
  heard.channels = {next_channel_++};
  heard.merged = false;
  return stateless(heard, std::move(real), std::move(function), name);
}

random_pipeline::random_pipeline(const pipeline_choice& choice) { pipeline_builder{*this, choice}.build(); }
random_pipeline::~random_pipeline() = default;

void random_pipeline::advance(std::int64_t by) {
  const auto until = clock_.now + by;
  const auto first_due = [this] {
    return std::min_element(
             nodes_.begin(), nodes_.end(), [](const auto& a, const auto& b) { return a->wakes_at() < b->wakes_at(); })
      ->get();
  };
  for (auto* due = first_due(); due->wakes_at() <= until; due = first_due()) {
    clock_.now = std::max(clock_.now, due->wakes_at());
    due->on_processing_time();
  }
  clock_.now = until;
}

} // namespace leat::reference
