#include <leat/operators/async/async_result.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <system_error>

using namespace leat;

namespace {

struct order {
  std::string item;
  std::int64_t pieces = 0;
};

struct priced_order {
  std::string item;
  std::int64_t price = 0;
};

/// Stands for a client with callbacks, of which a library has many: an error code, and what was asked for.
class price_client {
public:
  template <class Callback>
  void get(const std::string& item, Callback callback) {
    if (item == "tea")
      callback(std::error_code{}, std::int64_t{3});
    else
      callback(std::make_error_code(std::errc::connection_refused), std::int64_t{0});
  }
};

class look_up_price {
public:
  explicit look_up_price(price_client& client) : client_{&client} {}

  void operator()(const order& o, const async_result<priced_order>& result) const {
    client_->get(o.item, [o, result](std::error_code error, std::int64_t price) {
      if (error)
        result.fail(error.message());
      else
        result.complete(priced_order{o.item, price * o.pieces});
    });
  }

private:
  price_client* client_;
};

/// An inbox, and one call after the other.
struct calls {
  std::shared_ptr<async_inbox<priced_order>> inbox = std::make_shared<async_inbox<priced_order>>(nullptr);

  [[nodiscard]] async_result<priced_order> begin() const { return {inbox, 1, 1}; }

  /// "tea 6, milk 2" or "failed: …" of the only call that has ended; empty when none has.
  [[nodiscard]] std::string ended() const {
    const auto all = inbox->take();
    REQUIRE(all.size() <= 1);
    std::string text;
    for (const auto& outcome : all) {
      for (const auto& row : outcome.rows)
        text += (text.empty() ? "" : ", ") + row.item + " " + std::to_string(row.price);
      if (outcome.failed)
        text += "failed: " + *outcome.failed;
    }
    return text;
  }
};

const std::exception_ptr no_exception;

} // namespace

TEST_CASE("a callback completes a call or lets it fail") {
  const calls c;
  price_client client;
  const look_up_price ask{client};
  ask({"tea", 2}, c.begin());
  CHECK(c.ended() == "tea 6");
  ask({"gold", 1}, c.begin());
  CHECK(c.ended() == "failed: Connection refused");
}

TEST_CASE("a result is itself a callback of an exception and a row, as a coroutine's end is told") {
  const calls c;
  c.begin()(no_exception, priced_order{"tea", 6});
  CHECK(c.ended() == "tea 6");
  c.begin()(std::make_exception_ptr(std::runtime_error{"not reached"}), priced_order{});
  CHECK(c.ended() == "failed: not reached");
  c.begin()(std::make_exception_ptr(4711), priced_order{});
  CHECK(c.ended() == "failed: an exception that is no std::exception");
}

TEST_CASE("a result is itself a callback of an error code and rows") {
  const calls c;
  c.begin()(std::error_code{}, std::vector<priced_order>{{"tea", 6}, {"milk", 2}});
  CHECK(c.ended() == "tea 6, milk 2");
  c.begin()(std::make_error_code(std::errc::timed_out), std::vector<priced_order>{{"tea", 6}});
  CHECK(c.ended() == "failed: Connection timed out");
}

TEST_CASE("only the first word about a call counts, whichever copy says it") {
  const calls c;
  {
    const auto result = c.begin();
    const auto copy = result;
    copy.fail("too late");
    result.complete(priced_order{"tea", 6});
  }
  CHECK(c.ended() == "failed: too late");
}
