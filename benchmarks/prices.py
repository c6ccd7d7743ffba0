"""List prices of AWS, region us-east-1, in US dollars, without free tiers and discounts.

They are as known to the author on the date below, not looked up by a program. Check them before you rely
on them.
"""

from dataclasses import dataclass

AS_OF = "2026-11-25"
REGION = "us-east-1"


@dataclass(frozen=True)
class Price:
    """The price of a number of units, and the page that lists it."""

    dollars: float
    units: float
    unit: str
    page: str

    def of(self, amount: float) -> float:
        """Dollars for an amount of units."""
        return amount * self.dollars / self.units

    @property
    def text(self) -> str:
        """The price as text, such as ``0.20 per 1,000,000 requests``."""
        number = f"{self.units:,.0f} " if self.units != 1 else ""
        return f"{self.dollars:.10f}".rstrip("0").ljust(4, "0") + f" per {number}{self.unit}"


_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_STEP_FUNCTIONS = "https://aws.amazon.com/step-functions/pricing/"
_S3 = "https://aws.amazon.com/s3/pricing/"
_MILLION = 1_000_000

HTTP_API = Price(1.00, _MILLION, "requests", "https://aws.amazon.com/api-gateway/pricing/")
LAMBDA_REQUEST = Price(0.20, _MILLION, "requests", _LAMBDA)
LAMBDA_ARM64 = Price(0.0000133334, 1, "GB-second", _LAMBDA)
DYNAMODB_WRITE = Price(0.625, _MILLION, "writes of 1 KB", _DYNAMODB)
DYNAMODB_READ = Price(0.125, _MILLION, "consistent reads of 4 KB", _DYNAMODB)
DYNAMODB_STORAGE = Price(0.25, 1, "GB and month", _DYNAMODB)
DYNAMODB_RECOVERY = Price(0.20, 1, "GB and month", _DYNAMODB)
SECRET = Price(0.40, 1, "secret and month", "https://aws.amazon.com/secrets-manager/pricing/")
SECRET_READ = Price(0.05, 10_000, "calls", "https://aws.amazon.com/secrets-manager/pricing/")
KMS_KEY = Price(1.00, 1, "key and month", "https://aws.amazon.com/kms/pricing/")
LOGS_IN = Price(0.50, 1, "GB", _CLOUDWATCH)
LOGS_KEPT = Price(0.03, 1, "GB and month", _CLOUDWATCH)
METRIC = Price(0.30, 1, "metric and month", _CLOUDWATCH)
ALARM = Price(0.10, 1, "alarm and month", _CLOUDWATCH)
TRACE = Price(5.00, _MILLION, "traces", "https://aws.amazon.com/xray/pricing/")
DATA_OUT = Price(0.09, 1, "GB", "https://aws.amazon.com/ec2/pricing/on-demand/")
EXPRESS_REQUEST = Price(1.00, _MILLION, "requests", _STEP_FUNCTIONS)
EXPRESS_DURATION = Price(0.00001667, 1, "GB-second", _STEP_FUNCTIONS)
S3_WRITE = Price(0.005, 1_000, "writes", _S3)
S3_READ = Price(0.0004, 1_000, "reads", _S3)
