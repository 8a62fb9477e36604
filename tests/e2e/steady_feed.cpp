#include "steady_feed.hpp"

#include "pipes.hpp"

namespace leat::testing {

namespace {

constexpr std::chrono::milliseconds tick{20};

} // namespace

steady_feed::steady_feed(std::string topic, std::vector<payment> payments, int per_second)
  : topic_{std::move(topic)}, payments_{std::move(payments)}, per_second_{per_second}, thread_{[this] { run(); }} {}

steady_feed::~steady_feed() {
  stop_ = true;
  if (thread_.joinable())
    thread_.join();
}

void steady_feed::finish() {
  thread_.join();
  if (failure_)
    std::rethrow_exception(failure_);
}

void steady_feed::run() {
  try {
    kafka_feeder feeder{brokers()};
    const auto begin = std::chrono::steady_clock::now();
    std::size_t sent = 0;
    while (sent < payments_.size() && !stop_) {
      std::this_thread::sleep_for(tick);
      const auto elapsed = std::chrono::steady_clock::now() - begin;
      const auto due = static_cast<std::size_t>(std::chrono::duration<double>{elapsed}.count() * per_second_);
      for (; sent < std::min(due, payments_.size()); ++sent)
        feeder.send(topic_, std::nullopt, json_of(payments_[sent]), payments_[sent].partition);
    }
    feeder.flush();
  } catch (...) {
    failure_ = std::current_exception();
  }
  done_ = true;
}

} // namespace leat::testing
