#include <leat/operators/async/async_result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

using namespace leat;

namespace {

namespace asio = boost::asio;

struct bid {
  std::string item;
};

struct priced_bid {
  std::string item;
  int price = 0;
};

class look_up_price {
public:
  explicit look_up_price(asio::io_context& io) : io_{&io} {}

  /// Starts a coroutine: what it returns or throws is the result.
  void operator()(const bid& b, async_result<priced_bid> result) const {
    asio::co_spawn(*io_, ask(io_, b), std::move(result));
  }

private:
  static asio::awaitable<priced_bid> ask(asio::io_context* io, bid b) {
    asio::steady_timer answer{*io, std::chrono::milliseconds{1}}; // stands for a connection
    co_await answer.async_wait(asio::use_awaitable);
    if (b.item.empty())
      throw std::runtime_error{"nobody sells nothing"};
    co_return priced_bid{b.item, 7};
  }

  asio::io_context* io_;
};

} // namespace

TEST_CASE("what a coroutine returns or throws is what its call has come to") {
  asio::io_context io{1};
  const auto inbox = std::make_shared<async_inbox<priced_bid>>([] {});
  const look_up_price look_up{io};
  look_up({"pen"}, {inbox, 1, 1});
  look_up({""}, {inbox, 2, 1});
  io.run();
  const auto arrived = inbox->take();
  REQUIRE(arrived.size() == 2);
  const auto& good = arrived[arrived[0].call == 1 ? 0 : 1];
  const auto& bad = arrived[arrived[0].call == 1 ? 1 : 0];
  REQUIRE(good.rows.size() == 1);
  CHECK(good.rows[0].price == 7);
  CHECK_FALSE(good.failed);
  CHECK(bad.failed == "nobody sells nothing");
}
