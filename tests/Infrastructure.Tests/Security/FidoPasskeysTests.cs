using System.Buffers.Text;
using System.Text;
using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Security;
using EventFiles.Journeys.Tests;

namespace EventFiles.Infrastructure.Tests.Security;

/// <summary>What is believed of what an authenticator says, and that nothing that anybody sends does harm.</summary>
public sealed class FidoPasskeysTests
{
    private const string Challenge = "Q0hBTExFTkdF";

    private readonly FidoPasskeys passkeys = new(new AccountsOptions());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_made_and_used_on_an_own_page_is_proved()
    {
        using var device = new PasskeyDevice { Origin = "http://localhost:8080" };
        var made = await Made(device);
        Assert.Equal(device.Id, made!.Credential);
        Assert.True(await IsProved(device, made));
        Assert.False(await IsProved(device, null));
        using var another = new PasskeyDevice { Origin = "http://localhost:8080" };
        Assert.False(await IsProved(another, made));
    }

    [Theory]
    [InlineData("https://files.example", "files.example", true)]
    [InlineData("http://files.example", "files.example", false)]
    [InlineData("https://files.example:8443", "files.example", false)]
    [InlineData("https://evil.example", "files.example", false)]
    [InlineData("https://files.example.evil.example", "files.example", false)]
    [InlineData("https://files.example@evil.example", "files.example", false)]
    [InlineData("https://sub.files.example", "files.example", false)]
    [InlineData("https://files.example", "evil.example", false)]
    [InlineData("http://localhost", "localhost", false)]
    [InlineData("null", "files.example", false)]
    [InlineData("", "files.example", false)]
    public async Task Only_the_servers_own_pages_and_domain_count(string origin, string domain, bool isBelieved)
    {
        var server = new FidoPasskeys(new AccountsOptions { Site = new Uri("https://files.example") });
        using var honest = new PasskeyDevice { Origin = "https://files.example", Domain = "files.example" };
        var made = await server.ReadCreated(honest.Id, honest.Create(Challenge).ClientData, honest.Create(Challenge).Attestation)!.Prove(Cancel);
        using var device = new PasskeyDevice { Origin = origin, Domain = domain };
        var said = device.Create(Challenge);
        Assert.Equal(isBelieved, await server.ReadCreated(said.Id, said.ClientData, said.Attestation)!.Prove(Cancel) is not null);
        Assert.NotNull(made);
    }

    [Theory]
    [InlineData("http://localhost:1", true)]
    [InlineData("https://localhost", true)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("http://127.0.0.1:8080", false)]
    public async Task Where_nobody_says_how_it_is_found_it_is_on_this_machine(string origin, bool isBelieved)
    {
        using var device = new PasskeyDevice { Origin = origin };
        Assert.Equal(isBelieved, await Made(device) is not null);
    }

    [Fact]
    public async Task Who_was_not_verified_or_is_framed_by_another_site_is_not_proved()
    {
        using var device = new PasskeyDevice();
        var made = await Made(device);
        device.IsVerifying = false;
        Assert.Null(await Made(device));
        Assert.False(await IsProved(device, made));
        using var framed = new PasskeyDevice { IsFramed = true };
        Assert.Null(await Made(framed));
    }

    // Kinds of answers are not mistaken for each other.
    [Fact]
    public async Task What_was_said_for_one_purpose_is_good_for_no_other()
    {
        using var device = new PasskeyDevice();
        var (made, used) = (device.Create(Challenge), device.Use(Challenge));
        Assert.Null(await passkeys.ReadCreated(used.Id, used.ClientData, made.Attestation)!.Prove(Cancel));
        Assert.False(await passkeys.ReadUsed(made.Id, made.ClientData, used.AuthenticatorData, used.Signature)!.IsProvedBy((await Made(device))!.PublicKey, Cancel));
    }

    [Fact]
    public async Task Whatever_one_bit_is_another_nothing_is_proved()
    {
        using var device = new PasskeyDevice();
        var key = (await Made(device))!.PublicKey;
        var said = device.Use(Challenge);
        var random = new Random(8);
        foreach (var part in Enumerable.Range(0, 300))
        {
            string Spoil(string text, bool isIt)
            {
                var bytes = Base64Url.DecodeFromChars(text);
                if (isIt)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return Base64Url.EncodeToString(bytes);
            }

            var (client, authenticator, signature) = (
                Spoil(said.ClientData, part % 3 == 0), Spoil(said.AuthenticatorData, part % 3 == 1), Spoil(said.Signature, part % 3 == 2));
            Assert.False(passkeys.ReadUsed(said.Id, client, authenticator, signature) is { } read && await read.IsProvedBy(key, Cancel));
        }
    }

    // Bytes of chance, of what is right with some of them others, cut off, and nested until a parser would have no ground left.
    [Fact]
    public async Task Whatever_is_sent_it_is_read_or_it_is_not()
    {
        using var device = new PasskeyDevice();
        var client = device.Create(Challenge).ClientData;
        var random = new Random(7);
        var (unread, unproved) = (0, 0);
        foreach (var attempt in Enumerable.Range(0, 6000))
        {
            var bytes = device.Attestation();
            switch (attempt % 4)
            {
                case 0:
                    bytes = new byte[random.Next(6000)];
                    random.NextBytes(bytes);
                    break;
                case 1:
                    for (var at = random.Next(1, 8); at > 0; at--)
                        bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                default:
                    bytes = [.. bytes[..random.Next(30)], .. Enumerable.Repeat((byte)random.Next(256), 6100)];
                    break;
            }

            if (passkeys.ReadCreated(device.Id, client, Base64Url.EncodeToString(bytes)) is { } read)
                unproved += await read.Prove(Cancel) is null ? 1 : 0;
            else
                unread++;
            var text = Base64Url.EncodeToString(bytes);
            if (passkeys.ReadUsed(device.Id, client, text, text) is { } used)
                Assert.False(await used.IsProvedBy(null, Cancel));
        }

        Assert.True(unread > 3000 && unproved > 50, $"{unread} not read, {unproved} not proved");
        foreach (var nested in new byte[] { 0x81, 0xA1, 0x9F, 0xBF, 0xC0, 0xDB })
        {
            byte[] statement = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, .. Enumerable.Repeat(nested, 6100)];
            Assert.Null(passkeys.ReadCreated(device.Id, client, Base64Url.EncodeToString(statement)));
        }

        foreach (var text in new[] { "", "-", "====", "a", "\0", "ü", "{}", Text("null"), Text("[]"), Text("{}"), Text("""{"type":7}"""), Text(new string('[', 6000)) })
            Assert.Null(passkeys.ReadCreated(device.Id, text, device.Create(Challenge).Attestation) is { } read ? await read.Prove(Cancel) : null);
    }

    private static string Text(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private async Task<NewPasskey?> Made(PasskeyDevice device)
    {
        var said = device.Create(Challenge);
        return await passkeys.ReadCreated(said.Id, said.ClientData, said.Attestation)!.Prove(Cancel);
    }

    private async Task<bool> IsProved(PasskeyDevice device, NewPasskey? by)
    {
        var said = device.Use(Challenge);
        var used = passkeys.ReadUsed(said.Id, said.ClientData, said.AuthenticatorData, said.Signature)!;
        Assert.Equal(Challenge, used.Challenge);
        return await used.IsProvedBy(by?.PublicKey, Cancel);
    }
}
