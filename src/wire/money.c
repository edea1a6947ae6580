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
	struct str codes;
} runs[] = {
	{ 0, STR("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ") },
	{ 3, STR("BHD IQD JOD KWD LYD OMR TND ") },
	{ 4, STR("CLF UYW ") },
	{ 2,
	  STR("AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
	      "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
	      "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
	      "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK "
	      "SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD "
	      "XCG YER ZAR ZMW ZWG ") },
};

/* Three letters as one number, in their order. */
static uint32_t letters(const char *code)
{
	return (uint32_t)(unsigned char)code[0] << 16 | (uint32_t)(unsigned char)code[1] << 8 | (unsigned char)code[2];
}

static bool in_run(const char *codes, size_t n, uint32_t code)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const uint32_t there = letters(codes + mid * 4);
		if (there == code) return true;
		if (there < code) lo = mid + 1;
		else hi = mid;
	}
	return false;
}

bool wire_currency(struct str code, int *minor_digits)
{
	if (code.len != 3) return false;
	for (size_t r = 0; r < COUNT_OF(runs); r++) {
		if (!in_run(runs[r].codes.ptr, runs[r].codes.len / 4, letters(code.ptr))) continue;
		if (minor_digits) *minor_digits = runs[r].digits;
		return true;
	}
	return false;
}
