#include <leat/base/decimal.hpp>
#include <leat/base/time.hpp>
#include <leat/tests/fuzz/fuzz_target.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

namespace leat::testing {

void fuzz_decimal(std::string_view text) {
  const decimal before{"12.5"};
  auto read = before;
  if (decimal::parse(text, read) != decimal_outcome::ok)
    return demand(read == before, "a text that is no number changes nothing");
  const decimal_text written{read};
  decimal again;
  demand(decimal::parse(written.view(), again) == decimal_outcome::ok, "what was written can be read");
  demand(again == read, "what was written is the same number");
  demand(decimal_text{again}.view() == written.view(), "what was written and read is written as before");
}

void fuzz_timestamp(std::string_view text) {
  const auto before = from_millis(1);
  auto read = before;
  if (!parse_timestamp(text, read))
    return demand(read == before, "a text that is no time changes nothing");
  const auto written = format_timestamp(read);
  timestamp again;
  if (!parse_timestamp(written, again))
    return demand(
      written.find_first_not_of("-0123456789") == std::string::npos,
      "a time that cannot be read again lies outside of the years 0 to 9999");
  demand(again == read, "what was written is the same time");
}

} // namespace leat::testing
