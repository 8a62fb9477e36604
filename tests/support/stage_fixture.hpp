#pragma once

#include <leat/actors/sinks/at_least_once_end.hpp>
#include <leat/actors/stage_task.hpp>
#include <leat/tests/support/task_fakes.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat::testing {

/// A `stage_task` between fakes: its inputs are the test's calls; it ends in a channel to `next`, or in a writer.
/// Records are numbers unless its steps make something else of them; `Out` is what leaves.
template <class Out = std::int64_t>
class stage_fixture {
public:
  /// @param inputs numbered from 1, each with `input_credit`; @param credit of the channel to `next`.
  explicit stage_fixture(std::uint32_t inputs, std::uint32_t input_credit = 2, std::uint32_t credit = 1) {
    task.attach(host);
    for (input_id i = 1; i <= inputs; ++i)
      add_input(i, 1, input_credit);
    credit_ = credit;
  }

  void add_input(input_id input, std::uint64_t first_epoch, std::uint32_t credit) {
    senders[input] = std::make_shared<fake_sender>();
    task.add_input(input, first_epoch, credit, senders[input], {}, 0, channel("before", input, "stage", 0));
  }

  /// A channel of records that are `Out`s, by which overtaken ones are saved.
  static std::shared_ptr<const in_flight_channel>
  channel(const std::string& from, std::uint32_t sender, const std::string& to, std::uint32_t receiver) {
    return std::make_shared<in_flight_channel>(
      in_flight_name{from, to, 0, sender, "", receiver}, *record_kind_of<std::int64_t>().codec);
  }

  template <class Make>
  void add(std::string name, Make make) {
    task.steps().add(
      task.steps().last(),
      make(step_context{std::move(name), 0, 1, &task.steps().flow(), &registry, &task.steps().clock(), {}}));
  }

  /// Ends the chain in a channel: before the first message, after the last `add`.
  void end_in_channel() {
    std::vector<std::unique_ptr<output_channel>> channels;
    channels.push_back(
      std::make_unique<output_channel>(1, credit_, next.link(), task.steps().flow(), channel("stage", 0, "behind", 0)));
    task.steps().last().connect(
      task.outputs().add(std::make_unique<exchange>(std::make_unique<forward_partitioner<Out>>(0), std::move(channels))));
  }

  /// Ends the chain in a writer that follows `writer`.
  void end_in_writer() {
    task.set_end(std::make_unique<at_least_once_end>(
      5, std::make_unique<scripted_writer>(writer), task.steps().flow(), registry.get("records_out", "stage", 0),
      registry.get("dead_letters", "stage", 0)));
    task.attach(host);
    task.steps().last().connect(*task.end());
  }

  void data(input_id input, batch_ptr records) {
    task.on_data(data_message{input, ++sequences_[input], std::move(records)});
  }
  void data(input_id input, std::int64_t value) { data(input, batch_of<std::int64_t>({{value, value}})); }
  void says(input_id input, const signal& s) { task.on_signal(signal_message{input, ++sequences_[input], s}); }

  /// The next actor has finished a batch.
  void credit() { task.on_credit(credit_message{0, 1}); }

  /// What has reached the next actor since the last call.
  story told() { return next.template told<Out>(); }

  /// What has been reported since the last call, but for watermarks, which are saved each time.
  story reports() {
    auto all = host.reports();
    for (auto& text : all)
      if (const auto at = text.find(" stage.leat.input_watermark"); at != std::string::npos)
        text.erase(at, std::string_view{" stage.leat.input_watermark"}.size());
    return all;
  }

  metrics registry;
  recording_host host;
  scripted_writer::script writer;
  fake_mailbox next;
  std::map<input_id, std::shared_ptr<fake_sender>> senders;
  stage_task task{"stage", 0, registry};

private:
  std::uint32_t credit_ = 1;
  std::map<input_id, std::uint64_t> sequences_;
};

} // namespace leat::testing
