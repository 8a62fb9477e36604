#pragma once

namespace leat::orders {

/// The program `orders-pipeline generate`: puts generated orders into the topic. @returns the exit code.
int generate_main(int argc, char** argv);

/// The program `orders-pipeline report`: counts what the pipeline has written to its topics. @returns the exit code.
int report_main(int argc, char** argv);

/// The program `orders-pipeline customers`: the stub of the customer service, until a signal ends it. @returns the exit code.
int customers_main(int argc, char** argv);

} // namespace leat::orders
