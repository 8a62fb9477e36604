#include <leat/apps/fraud_alerts/demo/transaction_feed.hpp>

#include <leat/base/error.hpp>
#include <leat/base/key_hash.hpp>
#include <leat/connectors/formats/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat::fraud {

namespace {

using clock = latency_log::clock;

/// Transactions between two looks at the clock and at how far the job is.
constexpr std::size_t chunk = 64;

} // namespace

transaction_feed::transaction_feed(traffic& from, feed_options options, const metrics& of, latency_log& latencies)
  : traffic_{from}, options_{std::move(options)}, metrics_{of}, latencies_{latencies},
    fed_(from.frauds().size()), feeder_{options_.brokers, options_.properties}, encoder_{json.make_encoder(
                                                                                  schema_of<transaction>())},
    records_(chunk), frauds_(chunk),
    newest_(static_cast<std::size_t>(options_.partitions), min_timestamp), began_{clock::now()}, thread_{
                                                                                                   [this] { run(); }} {}

transaction_feed::~transaction_feed() {
  abandon_ = true;
  thread_.join();
}

bool transaction_feed::finished() const {
  if (!finished_.load(std::memory_order_acquire))
    return false;
  if (failure_)
    std::rethrow_exception(failure_);
  return true;
}

void transaction_feed::run() {
  try {
    feed_all();
  } catch (...) {
    failure_ = std::current_exception();
  }
  finished_.store(true, std::memory_order_release);
}

void transaction_feed::feed_all() {
  while (!stop_ && fill()) {
    wait_for_turn();
    if (abandoned())
      return;
    send();
    events_ = sent_.load();
  }
  close_windows();
  feeder_.flush();
}

bool transaction_feed::fill() {
  for (filled_ = 0; filled_ < chunk && traffic_.next(records_[filled_], frauds_[filled_]);)
    ++filled_;
  return filled_ > 0;
}

void transaction_feed::wait_for_turn() {
  if (options_.rate > 0)
    std::this_thread::sleep_until(began_ + std::chrono::microseconds{sent() * 1'000'000 / options_.rate});
  while (!abandoned() && sent() - metrics_.sum("records_in") > options_.ahead - static_cast<std::int64_t>(chunk))
    std::this_thread::sleep_for(std::chrono::microseconds{500});
}

void transaction_feed::send() {
  std::vector<rejection> rejected;
  encoded_.clear();
  encoder_->encode(records_.data(), sizeof(transaction), filled_, encoded_, rejected);
  for (std::size_t i = 0; i < filled_; ++i) {
    const auto& t = records_[i];
    const auto partition = key_hash(t.user_id) % newest_.size();
    if (frauds_[i]) {
      ++fed_[*frauds_[i]];
      if (traffic_.frauds()[*frauds_[i]].rule == large_amount_name)
        latencies_.transaction_sent(t.transaction_id, clock::now());
    }
    feeder_.send(options_.topic, t.user_id, encoded_[i], static_cast<std::int32_t>(partition));
    if (t.timestamp > newest_[partition]) {
      newest_[partition] = t.timestamp;
      latencies_.all_reached(*std::min_element(newest_.begin(), newest_.end()), clock::now());
    }
  }
  sent_ += static_cast<std::int64_t>(filled_);
}

void transaction_feed::close_windows() {
  const auto last = *std::max_element(newest_.begin(), newest_.end());
  if (last == min_timestamp)
    return;
  std::vector<rejection> rejected;
  encoded_.clear();
  for (std::size_t p = 0; p < newest_.size(); ++p) {
    const transaction closing{fmt::format("closing-{}", p), fmt::format("closing-{}", p), 0.01, "", "",
                              last + options_.close_after};
    encoder_->encode(&closing, sizeof closing, 1, encoded_, rejected);
    feeder_.send(options_.topic, closing.user_id, encoded_[p], static_cast<std::int32_t>(p));
  }
  latencies_.all_reached(last + options_.close_after, clock::now());
  sent_ += options_.partitions;
}

} // namespace leat::fraud
