using System.Text;
using System.Text.Json;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Bench;

/// <summary>Whoever comes with a password, bound by its hash; and whoever comes back with a token, which needs none.</summary>
internal static class SignIns
{
    // As many as hash at once and some that wait their turn; more would be told to come again.
    private const int AtOnce = 4;

    private static readonly string Password = Guid.NewGuid().ToString("n");

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var product = await arena.Product(cancel);
        var (wires, emails, refresh) = (new Wire[AtOnce], new string[AtOnce], new string[AtOnce]);
        for (var worker = 0; worker < AtOnce; worker++)
        {
            wires[worker] = await Wire.Connect(product.Address, cancel);
            emails[worker] = Email();
            await Ask("api/auth/register", worker, new { email = emails[worker], password = Password, displayName = "Bench" }, cancel);
            await Ask("api/auth/login", worker, new { email = emails[worker], password = Password }, cancel);
        }

        var hash = Argon2.Hash(Password);
        return new Prepared(
            new Contest(
                "sign-ins/s",
                [
                    // The library hashes on the thread that asks: one for each core.
                    new("bare hash", (time, stop) => Load.Run(
                        Environment.ProcessorCount, time, _ => Argon2.Verify(hash, Password) ? ValueTask.CompletedTask : throw new BenchException("The hash is wrong."), stop))
                    {
                        IsHere = true,
                    },
                    Asking("login", worker => ("api/auth/login", new { email = emails[worker], password = Password })),
                    Asking("refresh", worker => ("api/auth/refresh", new { refreshToken = refresh[worker] })),
                    Asking("register", _ => ("api/auth/register", new { email = Email(), password = Password, displayName = "Bench" })),
                ],
                [
                    new Goal("login with a password", "login", "bare hash", 0.9),
                    new Goal("registration", "register", "bare hash", 0.8),
                    new Goal("refreshing a token", "refresh", "login", null),
                ]),
            _ => Task.CompletedTask);

        Contestant Asking(string name, Func<int, (string Path, object Body)> what) => new(name, (time, stop) => Load.Run(
            AtOnce, time,
            async worker =>
            {
                var (path, body) = what(worker);
                await Ask(path, worker, body, stop);
            },
            stop))
        {
            Processes = [product.Id],
        };

        async Task Ask(string path, int worker, object body, CancellationToken stop)
        {
            var content = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType());
            byte[] request =
            [
                .. Encoding.ASCII.GetBytes($"POST /{path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {content.Length}\r\n\r\n"),
                .. content,
            ];
            var reply = (await wires[worker].Send(request, stop)).OrFail();
            using var said = JsonDocument.Parse(reply.Body);
            if (said.RootElement.TryGetProperty("refreshToken", out var token))
                refresh[worker] = token.GetString()!;
        }
    }

    private static string Email() => $"bench-{Guid.NewGuid():n}@example.org";
}
