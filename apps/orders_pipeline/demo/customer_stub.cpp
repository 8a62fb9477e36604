#include <leat/apps/orders_pipeline/demo/customer_stub.hpp>

#include <leat/connectors/formats/json.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>
#include <vector>

namespace leat::orders {

namespace {

constexpr std::string_view path = "/customers/";
constexpr std::array<const char*, 3> tiers{"bronze", "silver", "gold"};
constexpr std::array<const char*, 5> countries{"DE", "FR", "NL", "PL", "SE"};
constexpr std::uint64_t unknown_each = 50, blocked_each = 30;

std::string json_of(const customer& c) {
  encoded_records out;
  std::vector<rejection> rejected;
  json.make_encoder(schema_of<customer>())->encode(&c, sizeof(c), 1, out, rejected);
  return out.bytes;
}

} // namespace

std::string customer_id_of(std::uint64_t number) { return fmt::format("c-{:05}", number); }

std::optional<customer> known_customer(const std::string& customer_id) {
  std::uint64_t number = 0;
  const auto* const end = customer_id.data() + customer_id.size();
  if (!customer_id.starts_with("c-") || std::from_chars(customer_id.data() + 2, end, number).ptr != end)
    return std::nullopt;
  if (number % unknown_each == unknown_each - 1)
    return std::nullopt;
  return customer{
    customer_id, fmt::format("Customer {}", number), tiers[number % tiers.size()], countries[number % countries.size()],
    number % blocked_each == blocked_each - 1};
}

customer_stub::customer_stub(stub_manners manners, int port)
  : manners_{manners}, server_{[this](const http_server::request& r) { return answer(r); }, port} {}

http_server::response customer_stub::answer(const http_server::request& r) {
  ++asked_;
  http_server::response response{.after = manners_.after};
  owed_ += manners_.failures;
  if (down_ || owed_ >= 1) {
    owed_ -= down_ ? 0 : 1;
    response.status = 503;
    response.body = "down for maintenance";
    return response;
  }
  const auto found = r.path.starts_with(path) ? known_customer(r.path.substr(path.size())) : std::nullopt;
  response.status = found ? 200 : 404;
  response.body = found ? json_of(*found) : "";
  return response;
}

} // namespace leat::orders
