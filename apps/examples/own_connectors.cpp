// own-connectors: a source and a sink of one's own, as docs/connectors.md explains. Quotes come from a client that calls back
// from its own thread; averages go to a line printer that acknowledges later.

#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

struct quote {
  std::string symbol;
  double price = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(quote, (), (symbol, price, at))

struct average {
  std::string symbol;
  leat::timestamp from;
  double price = 0;
};
BOOST_DESCRIBE_STRUCT(average, (), (symbol, from, price))

namespace {

/// Stands for the client of some outside system: calls `on_quote` from a thread of its own, and `on_end` at the end.
class quote_client {
public:
  template <class OnQuote, class OnEnd>
  quote_client(OnQuote on_quote, OnEnd on_end)
    : thread_{[on_quote, on_end](const std::stop_token& stop) {
        for (std::int64_t i = 0; i < 5'000 && !stop.stop_requested(); ++i) {
          const auto seconds = i / 1'000;
          on_quote(quote{i % 2 == 0 ? "ACME" : "BOLT", 100 + static_cast<double>(seconds), leat::from_millis(i)});
        }
        on_end();
      }} {}

private:
  std::jthread thread_;
};

/// Reads quotes. The client's thread fills a queue, the actor empties it: a batch at a time, and without waiting.
class quote_reader final : public leat::partition_reader {
public:
  explicit quote_reader(leat::waker wake) : wake_{std::move(wake)} {}

  ~quote_reader() override {
    const std::lock_guard lock{m_};
    room_ = closed; // the client's thread must not wait for room any more
    emptied_.notify_all();
  }

  leat::read_status read(leat::batch_base& out, leat::batch<leat::dead_letter>&) override {
    auto& quotes = leat::batch<quote>::of(out);
    const std::lock_guard lock{m_};
    for (; !waiting_.empty() && !quotes.full(); waiting_.pop_front(), ++position_)
      quotes.push(waiting_.front(), waiting_.front().at);
    emptied_.notify_all();
    if (!waiting_.empty())
      return leat::read_status::more;
    return ended_ ? leat::read_status::ended : leat::read_status::drained;
  }

  [[nodiscard]] std::int64_t position() const override { return position_; }
  void commit(std::int64_t, leat::timestamp) override {} // the client cannot begin anywhere else

private:
  // Called by the client's thread.

  void take(const quote& q) {
    std::unique_lock lock{m_};
    emptied_.wait(lock, [this] { return waiting_.size() < room_; }); // holds the outside up, not the actor
    waiting_.push_back(q);
    if (waiting_.size() == 1)
      wake_(); // `read` has said that it is drained, or will find this
  }

  void end() {
    const std::lock_guard lock{m_};
    ended_ = true;
    wake_();
  }

  static constexpr std::size_t closed = static_cast<std::size_t>(-1);

  const leat::waker wake_;
  std::mutex m_;
  std::condition_variable emptied_;
  std::deque<quote> waiting_; // guarded by m_, as is what follows
  std::size_t room_ = 1'000;
  bool ended_ = false;
  std::int64_t position_ = 0;                                                   // the actor's own
  quote_client client_{[this](const quote& q) { take(q); }, [this] { end(); }}; // last: its thread uses the others
};

class quote_source final : public leat::source {
public:
  std::vector<leat::partition> open(const leat::connector_context&) override { return {{"quotes", -1}}; }

  std::unique_ptr<leat::partition_reader>
  make_reader(const leat::partition&, std::optional<std::int64_t>, leat::waker wake) override {
    return std::make_unique<quote_reader>(std::move(wake));
  }
};

/// What `.source(…)` takes. The event times are those that the reader gives.
class quotes final : public leat::timed_spec<quotes, quote> {
public:
  quotes() : timed_spec{"quotes"} {}

  [[nodiscard]] std::shared_ptr<leat::source> make_source() const { return std::make_shared<quote_source>(); }
};

/// Prints lines, on a thread of its own, and says how far it has come: stands for a server that acknowledges.
class average_writer final : public leat::sink_writer {
public:
  explicit average_writer(leat::waker wake) : wake_{std::move(wake)} {}

  std::size_t write(const leat::batch_base& in, std::size_t from) override {
    const auto averages = static_cast<const leat::batch<average>&>(in).records().subspan(from);
    const std::lock_guard lock{m_};
    std::size_t taken = 0;
    for (; taken < averages.size() && lines_.size() < 100; ++taken)
      lines_.push_back(averages[taken].symbol + " " + std::to_string(averages[taken].price));
    filled_.notify_all();
    return taken; // less than all: the waker calls when there is room again
  }

  std::uint64_t mark() override {
    const std::lock_guard lock{m_};
    lines_.emplace_back(); // empty: the end of a segment
    filled_.notify_all();
    return ++marked_;
  }

  std::uint64_t delivered() override {
    const std::lock_guard lock{m_};
    return delivered_;
  }

private:
  void print(const std::stop_token& stop) {
    std::unique_lock lock{m_};
    while (filled_.wait(lock, stop, [this] { return !lines_.empty(); })) {
      if (lines_.front().empty())
        ++delivered_;
      else
        std::puts(lines_.front().c_str());
      lines_.pop_front();
      wake_();
    }
  }

  const leat::waker wake_;
  std::mutex m_;
  std::condition_variable_any filled_;
  std::deque<std::string> lines_; // guarded by m_, as is what follows
  std::uint64_t marked_ = 0;
  std::uint64_t delivered_ = 0;
  std::jthread printer_{[this](const std::stop_token& stop) { print(stop); }}; // last: it uses the others
};

class average_sink final : public leat::sink {
public:
  void open(const leat::connector_context&) override {}

  std::unique_ptr<leat::sink_writer> make_writer(std::uint32_t, std::uint32_t, leat::waker wake) override {
    return std::make_unique<average_writer>(std::move(wake));
  }
};

/// What `.sink(…)` takes.
struct printed_averages {
  using record = average;

  [[nodiscard]] std::string name() const { return "averages"; }
  [[nodiscard]] leat::delivery guarantee() const { return leat::delivery::at_least_once; }
  [[nodiscard]] std::shared_ptr<leat::sink> make_sink() const { return std::make_shared<average_sink>(); }
};

} // namespace

int main(int argc, char** argv) {
  using namespace leat;
  job prices{"own-connectors"};
  prices.source(quotes{})
    .key_by(&quote::symbol)
    .window(tumbling(1s))
    .aggregate<average>(key, window_start, avg(&quote::price))
    .sink(printed_averages{});
  return run(prices, argc, argv);
}
