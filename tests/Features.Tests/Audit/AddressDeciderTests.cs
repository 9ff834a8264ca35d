using EventFiles.Features.Audit;
using static EventFiles.Features.Audit.AddressCommand;
using static EventFiles.Features.Audit.AddressEvent;

namespace EventFiles.Features.Tests.Audit;

public sealed class AddressDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    private readonly Specification<AddressCommand, AddressState, AddressEvent> book = new(AddressDecider.Decider, Noon);

    [Fact]
    public void The_first_address_is_number_one() => book
        .Given()
        .When(new Note("192.0.2.1"))
        .Then(new Noted(1, "192.0.2.1"));

    [Fact]
    public void Another_one_has_the_next_number() => book
        .Given(new Noted(1, "192.0.2.1"))
        .When(new Note("192.0.2.2"))
        .Then(new Noted(2, "192.0.2.2"));

    [Fact]
    public void A_known_one_keeps_its_number() => book
        .Given(new Noted(1, "192.0.2.1"), new Noted(2, "192.0.2.2"))
        .When(new Note("192.0.2.1"))
        .ThenNothing();

    [Fact]
    public void Of_very_many_the_oldest_is_forgotten_and_noted_anew()
    {
        AddressEvent[] many = [.. Enumerable.Range(1, AddressDecider.Remembered + 1).Select(number => new Noted(number, $"192.0.2.{number}"))];
        book.Given(many).When(new Note("192.0.2.1")).Then(new Noted(AddressDecider.Remembered + 2, "192.0.2.1"));
        book.Given(many).When(new Note("192.0.2.2")).ThenNothing();
    }
}
