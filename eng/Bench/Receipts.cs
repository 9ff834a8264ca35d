using System.Net.Http.Json;
using System.Text.Json;
using EventFiles.Verify;
using Ed25519 = EventFiles.Infrastructure.Transparency.Ed25519;

namespace EventFiles.Bench;

/// <summary>A receipt of a real erasure, verified offline, against the signature that nobody can do without.</summary>
internal static class Receipts
{
    private static readonly string Password = Guid.NewGuid().ToString("n");

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var product = await arena.Another(
            "env", "Erasure__SettleAfter=00:00:00", "Erasure__Every=00:00:01", "dotnet", arena.HostDll, "serve", "--urls", "http://127.0.0.1:0",
            "--data", await arena.NewFolder("receipts"));
        using var http = new HttpClient { BaseAddress = product.Address };
        // Whoever comes first is the administrator.
        await Register(http, "first@example.org", cancel);
        var leaving = await Register(http, "leaving@example.org", cancel);
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await Login(http, "first@example.org", cancel)).GetProperty("accessToken").GetString());
        var asked = await Read(await http.PostAsJsonAsync(
            $"api/admin/accounts/{leaving.GetProperty("id").GetGuid()}/erasure", new { ground = "consentWithdrawn", immediately = true }, cancel), cancel);
        var receipt = await Receipt(http, asked.GetProperty("erasure").GetProperty("id").GetGuid(), asked.GetProperty("receiptToken").GetString()!, cancel);
        var trusted = new Trusted(VerifierKey.Read((await http.GetStringAsync("checkpoint/key", cancel)).Trim())!, [], null);

        var (message, seed) = (new byte[100], new byte[Ed25519.SeedBytes]);
        var (signature, key) = (Ed25519.Sign(seed, message), Ed25519.PublicKeyOf(seed));
        var times = new Times();
        Contestant Of(string name, Func<bool> isGood) => new(name, (time, stop) => Load.Run(
            1, time,
            _ =>
            {
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                if (!isGood())
                    throw new BenchException("What is good is refused.");
                times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start));
                return ValueTask.CompletedTask;
            },
            stop))
        {
            IsHere = true,
            Times = times,
        };

        return new Prepared(
            new Contest(
                "receipts/s",
                [
                    Of("libcrypto's signature", () => Ed25519.Verify(key, message, signature)),
                    Of("receipt verified", () => Verification.OfText(receipt, trusted).IsGood),
                ],
                [
                    new Goal("a receipt verified", "receipt verified", "libcrypto's signature", null),
                    new TimeGoal("a receipt verified, p99 in ms", "receipt verified", 0.99, AtMostMilliseconds: 100),
                ]),
            _ => Verification.OfText(receipt.Replace("consentWithdrawn", "legalObligation", StringComparison.Ordinal), trusted).IsGood
                ? throw new BenchException("A receipt that was altered is accepted.")
                : Task.CompletedTask);
    }

    private static async Task<JsonElement> Register(HttpClient http, string email, CancellationToken cancel) =>
        await Read(await http.PostAsJsonAsync("api/auth/register", new { email, password = Password, displayName = "Bench" }, cancel), cancel);

    private static async Task<JsonElement> Login(HttpClient http, string email, CancellationToken cancel) =>
        await Read(await http.PostAsJsonAsync("api/auth/login", new { email, password = Password }, cancel), cancel);

    private static async Task<JsonElement> Read(HttpResponseMessage reply, CancellationToken cancel)
    {
        using (reply)
        {
            reply.EnsureSuccessStatusCode();
            return await reply.Content.ReadFromJsonAsync<JsonElement>(cancel);
        }
    }

    private static async Task<string> Receipt(HttpClient http, Guid erasure, string token, CancellationToken cancel)
    {
        for (var left = 600; left > 0; left--)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"api/erasures/{erasure}/receipt") { Headers = { { "Receipt-Token", token } } };
            using var reply = await http.SendAsync(request, cancel);
            if (reply.IsSuccessStatusCode && await reply.Content.ReadAsStringAsync(cancel) is var text && text.Contains("\"proof\":\"", StringComparison.Ordinal))
                return text;
            await Task.Delay(100, cancel);
        }

        throw new BenchException("The erasure does not come to its end.");
    }
}
