namespace EventFiles.Features.Audit;

/// <summary>Numbers the addresses that each person's requests come from, and tells auditors which is which.</summary>
internal sealed class AddressBook(IStreams streams) : IAddressBook
{
    public async Task<int?> Number(AccountId who, string address, CancellationToken cancel)
    {
        var stream = AddressDecider.StreamOf(who);
        var known = await streams.Recall(stream, AddressDecider.Decider, cancel);
        if (known.Numbers.TryGetValue(address, out var number))
            return number;
        try
        {
            var noted = await streams.Transact<AddressState>(
                async transaction => await transaction.Decide(stream, AddressDecider.Decider, new AddressCommand.Note(address)) is { } no
                    ? no
                    : await transaction.Load(stream, AddressDecider.Decider),
                cancel);
            return noted is Answer<AddressState>.Yes(var now, _) ? now.Numbers[address] : null;
        }
        catch (TransientException)
        {
            // Nobody is kept from what they want to do because it could not be noted from where.
            return null;
        }
    }

    /// <summary>All that were noted, by number; after the person's erasure each reads so.</summary>
    public async Task<IReadOnlyDictionary<int, string>> Of(AccountId who, CancellationToken cancel)
    {
        var addresses = new Dictionary<int, string>();
        await foreach (var happened in streams.Read(AddressDecider.StreamOf(who).Name, 0, cancel))
        {
            if (happened.Fact is AddressEvent.Noted noted)
                addresses[noted.Number] = noted.Address;
        }

        return addresses;
    }
}
