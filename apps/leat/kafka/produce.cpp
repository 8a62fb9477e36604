#include <leat/apps/leat/kafka/produce.hpp>

#include <leat/apps/leat/kafka/even_rate.hpp>
#include <leat/apps/leat/kafka/line_input.hpp>
#include <leat/apps/leat/kafka/progress_line.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/cluster_view.hpp>
#include <leat/connectors/kafka/client_settings.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace leat::cli {

namespace {

using namespace std::chrono_literals;

/// How long brokers that have acknowledged something are asked for more, once somebody wants it to end.
constexpr std::chrono::seconds patience_when_stopped{1};

/// How to send to the topic that somebody wishes, which is there.
producer_options sending_to(const cluster_view& view, const produce_wish& wish) {
  const auto topic = view.topic(wish.topic);
  if (wish.partition >= static_cast<std::int32_t>(topic.partitions.size()))
    throw config_error{
      fmt::format("--partition: topic \"{}\" has {} partitions, from 0 on", wish.topic, topic.partitions.size())};
  auto sending = wish.sending;
  sending.largest_batch = view.largest_batch(wish.topic);
  return sending;
}

/// Lines in, records out, and what became of them.
class line_sender {
public:
  line_sender(const settings& config, const produce_wish& wish, const interruption& stop, const text_sink& err)
    : wish_{wish}, stop_{stop}, err_{err}, reader_{wish.rules}, producer_{
                                                                  config, sending_to(cluster_view{config}, wish),
                                                                  [this](const delivery_report& r) { note(r); }} {
    if (wish.rate)
      rate_.emplace(*wish.rate);
  }

  produced run(line_input& from) {
    const auto start = std::chrono::steady_clock::now();
    send_all(from);
    finish(from);
    progress_.clear();
    result_.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    return result_;
  }

private:
  void send_all(line_input& from) {
    while (!stop_.asked()) {
      const auto came = from.next(50ms);
      if (came == line_input::state::end)
        return;
      if (came == line_input::state::line)
        take(from);
      producer_.work_off(0ms);
      progress_.show(result_.sent);
    }
  }

  void take(const line_input& from) {
    if (from.too_long())
      return tell_bad(from.number(), fmt::format("longer than {} MB", line_input::longest / 1024 / 1024));
    switch (reader_.read(from.line())) {
    case line_reader::verdict::nothing:
      return;
    case line_reader::verdict::bad:
      return tell_bad(from.number(), reader_.reason());
    case line_reader::verdict::record:
      return send(from.number());
    }
  }

  void send(std::uint64_t number) {
    if (rate_)
      wait_for_turn();
    const auto& record = reader_.record();
    const outgoing_record out{wish_.topic, wish_.partition, record.key, record.value, wish_.headers};
    while (!producer_.send(out, number)) {
      if (stop_.asked())
        return note({.tag = number, .refusal = "not sent when it ended"});
      producer_.work_off(20ms);
      progress_.show(result_.sent);
    }
    if (rate_)
      rate_->sent(even_rate::clock::now());
  }

  void wait_for_turn() {
    for (auto wait = rate_->wait(even_rate::clock::now()); wait > 0ns && !stop_.asked();
         wait = rate_->wait(even_rate::clock::now())) {
      producer_.work_off(std::chrono::duration_cast<duration>(std::min<even_rate::clock::duration>(wait, 50ms)));
      if (wait < 1ms)
        std::this_thread::sleep_for(wait);
      progress_.show(result_.sent);
    }
  }

  void finish(const line_input& from) {
    const bool stopped = stop_.asked();
    auto waiting = producer_.under_way();
    for (auto end = std::chrono::steady_clock::now() + patience_when_stopped; waiting > 0;) {
      producer_.work_off(50ms);
      progress_.show(result_.sent);
      if (!stop_.asked() || producer_.under_way() < waiting)
        end = std::chrono::steady_clock::now() + patience_when_stopped;
      else if (std::chrono::steady_clock::now() > end)
        break;
      waiting = producer_.under_way();
    }
    if (producer_.under_way() > 0)
      producer_.give_up();
    if (stopped)
      tell(fmt::format("leat: ended behind line {}\n", from.number()));
  }

  void note(const delivery_report& report) {
    if (report.refusal.empty()) {
      ++result_.sent;
      if (wish_.sending.acks != "0")
        result_.latency.add(report.latency);
      return;
    }
    ++result_.failed;
    tell(fmt::format("leat: line {} was not sent: {}\n", report.tag, report.refusal));
  }

  void tell_bad(std::uint64_t number, std::string_view reason) {
    ++result_.bad;
    tell(fmt::format("leat: line {}: {}\n", number, reason));
  }

  void tell(std::string_view text) {
    progress_.clear();
    err_(text);
  }

  const produce_wish& wish_;
  const interruption& stop_;
  const text_sink& err_;
  line_reader reader_;
  progress_line progress_{"records sent", false};
  std::optional<even_rate> rate_;
  produced result_;
  reporting_producer producer_; // the last: it reports to the others
};

} // namespace

produced produce(const settings& config, const produce_wish& wish, const interruption& stop, const text_sink& err) {
  line_input from{wish.input};
  (void)client_properties(config, client_role::producer); // a mistake is told before a broker is asked
  return line_sender{config, wish, stop, err}.run(from);
}

} // namespace leat::cli
