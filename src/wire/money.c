/*
 * Active currency codes of ISO 4217 (amendment 176) and how many decimals
 * their minor unit has. ICU is not asked: it has CLDR's digits, which follow
 * habit (IQD 0, IRR 0) where ISO says 3 and 2.
 */
#include "wire/wire.h"

#include <string.h>

/* Each run is one number of decimals; codes of three letters, sorted within the run. */
static const struct {
	int digits;
	const char *codes;
} runs[] = {
	{ 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF " },
	{ 3, "BHD IQD JOD KWD LYD OMR TND " },
	{ 4, "CLF UYW " },
	{ 2,
	  "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
	  "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
	  "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
	  "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK "
	  "SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD "
	  "XCG YER ZAR ZMW ZWG " },
};

static bool in_run(const char *codes, const char code[3])
{
	size_t lo = 0, hi = strlen(codes) / 4;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const int order = memcmp(codes + mid * 4, code, 3);
		if (order == 0) return true;
		if (order < 0) lo = mid + 1;
		else hi = mid;
	}
	return false;
}

bool wire_currency(struct str code, int *minor_digits)
{
	if (code.len != 3) return false;
	for (size_t r = 0; r < COUNT_OF(runs); r++) {
		if (!in_run(runs[r].codes, code.ptr)) continue;
		if (minor_digits) *minor_digits = runs[r].digits;
		return true;
	}
	return false;
}
