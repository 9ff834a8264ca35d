using System.Net;
using EventFiles.Features.Share;
using EventFiles.Infrastructure.Tries;
using Microsoft.AspNetCore.Http;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Share;

public sealed class LinkSecretsTests
{
    private static readonly LinkId Link = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));

    private readonly StoppedClock clock = new(Noon);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_token_has_256_random_bits_and_fits_into_a_url()
    {
        var tokens = Enumerable.Range(0, 1000).Select(_ => LinkToken.New()).ToList();

        Assert.Equal(1000, tokens.ToHashSet(StringComparer.Ordinal).Count);
        Assert.All(tokens, token => Assert.Matches("^[A-Za-z0-9_-]{43}$", token));
    }

    [Fact]
    public void A_digest_is_sha256_in_lower_case_hex() => Assert.Equal(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", LinkToken.Digest("abc"));

    [Fact]
    public async Task After_so_many_wrong_passwords_there_is_a_pause()
    {
        var tries = await Exhausted("192.0.2.1");

        Assert.Equal(LinkTries.Window, await tries.Take(Link, "192.0.2.1", Cancel));
    }

    [Fact]
    public async Task Others_and_other_links_have_tries_of_their_own()
    {
        var tries = await Exhausted("192.0.2.1");

        Assert.Null(await tries.Take(Link, "192.0.2.2", Cancel));
        Assert.Null(await tries.Take(new LinkId(Photo.Value), "192.0.2.1", Cancel));
    }

    [Fact]
    public async Task The_pause_has_an_end()
    {
        var tries = await Exhausted("192.0.2.1");

        clock.Now += LinkTries.Window;

        Assert.Null(await tries.Take(Link, "192.0.2.1", Cancel));
    }

    [Fact]
    public async Task The_right_password_costs_no_try()
    {
        var tries = new LinkTries(new MemoryTries(clock));
        for (var visits = 0; visits < 100; visits++)
        {
            Assert.Null(await tries.Take(Link, "192.0.2.1", Cancel));
            await tries.GiveBack(Link, "192.0.2.1");
        }
    }

    [Fact]
    public async Task Guesses_sent_at_once_are_all_counted()
    {
        var tries = new LinkTries(new MemoryTries(clock));
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(_ => Task.Run(() => tries.Take(Link, "192.0.2.1", Cancel))));

        Assert.Equal(LinkTries.MaxTries, answers.Count(wait => wait is null));
    }

    [Theory]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    public void Addresses_that_one_guesser_has_count_as_one(string one, string other) =>
        Assert.Equal(LinkVisit.Network(IPAddress.Parse(one)), LinkVisit.Network(IPAddress.Parse(other)));

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1")]
    [InlineData("192.0.2.1", "192.0.2.2")]
    public void Other_networks_are_others(string one, string other) =>
        Assert.NotEqual(
            LinkVisit.Network(IPAddress.Parse(one)), LinkVisit.Network(IPAddress.Parse(other)), StringComparer.Ordinal);

    [Theory]
    [InlineData(null, 0)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=0-99", 0)]
    [InlineData("bytes=1-", 1)]
    [InlineData("bytes=500-999", 500)]
    [InlineData("bytes=-500", 0)]
    [InlineData("bytes=1-2,3-4", 0)]
    [InlineData("bytes=5-3", 0)]
    [InlineData("items=1-", 0)]
    [InlineData("bytes=1-,", 0)]
    [InlineData("nonsense", 0)]
    public void Only_a_range_that_says_where_it_begins_can_continue_a_download(string? range, long offset)
    {
        var request = new DefaultHttpContext().Request;
        if (range is not null)
            request.Headers.Range = range;

        Assert.Equal(offset, LinkEndpoint.Offset(request));
    }

    [Theory]
    [InlineData(0, null, true)]
    [InlineData(0, "\"sha\"", true)]
    [InlineData(1, null, false)]
    [InlineData(1, "\"sha\"", false)]
    [InlineData(1, "\"other\"", true)]
    [InlineData(1, "W/\"sha\"", true)]
    [InlineData(1, "Sat, 21 Nov 2026 12:00:00 GMT", true)]
    [InlineData(1, "", true)]
    public void Whatever_may_be_sent_from_the_first_byte_on_is_a_download(long offset, string? ifRange, bool isWhole) =>
        Assert.Equal(isWhole, new DownloadLink(new LinkVisit("token", null, ""), offset, ifRange).IsWhole("sha"));

    private async Task<LinkTries> Exhausted(string address)
    {
        var tries = new LinkTries(new MemoryTries(clock));
        for (var wrong = 0; wrong < LinkTries.MaxTries; wrong++)
            Assert.Null(await tries.Take(Link, address, Cancel));
        return tries;
    }
}
