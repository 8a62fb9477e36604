#pragma once

#include <leat/apps/orders_pipeline/records.hpp>

#include <functional>
#include <string>

namespace leat::orders {

/// Says everything that is wrong with an event, a reason each: "quantity of item 2 is 0, not 1 or more".
///
/// What it lets through is an `order_event`. The status must fit the event: `cancelled` for a cancellation, and never else.
/// @param complain called with each reason, for a person.
void check_event(const received_event& e, const std::function<void(std::string)>& complain);

/// @param e one that `check_event` has nothing against.
[[nodiscard]] order_event checked(received_event e);

} // namespace leat::orders
