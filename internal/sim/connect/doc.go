// Package connect is a simulator of Microsoft Entra Connect: it reads the accounts of an Active Directory domain and brings
// them into the tenant of the Graph simulator. The domain may be the simulated one or any other, since it is read by LDAP.
//
// One [Sync.Cycle] reads everything and makes the tenant agree, so that it can be repeated, stopped and started at any
// instant: who is new is made, who has changed is changed, who is disabled is disabled, and who is deleted or lies in a
// container that is not synchronised goes to the deleted items. The anchor is ms-DS-ConsistencyGuid, or else objectGUID, which
// is then written to ms-DS-ConsistencyGuid, unless that is switched off. A cycle that cannot read the whole domain
// changes nothing.
//
// Groups, devices and passwords are not brought. There is one Sync for each domain.
//
// It is for development only, and must not import the product's connectors.
package connect
